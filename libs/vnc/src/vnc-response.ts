import type { Cryptography } from './cryptography';
import { mirroredBits } from './mirrored-bits';

export const CHALLENGE_LENGTH = 16;

const KEY_LENGTH = 8;

/** A challenge enciphered with a VNC password, as both ends compute it. */
export function vncResponse(
  password: string,
  challenge: Uint8Array,
  cryptography: Pick<Cryptography, 'desEcb'>,
): Uint8Array {
  return cryptography.desEcb(keyOf(password), challenge);
}

/** Eight bytes, more are cut and fewer filled. */
function keyOf(password: string): Uint8Array {
  const key = new Uint8Array(KEY_LENGTH);
  key.set(new TextEncoder().encode(password).subarray(0, KEY_LENGTH));
  return mirroredBits(key);
}
