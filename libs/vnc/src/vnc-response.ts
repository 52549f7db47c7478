import type { Cryptography } from './cryptography';

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

/** Eight bytes, more are cut and fewer filled; VNC takes the bits of each from the other end. */
function keyOf(password: string): Uint8Array {
  const key = new Uint8Array(KEY_LENGTH);
  key.set(new TextEncoder().encode(password).subarray(0, KEY_LENGTH));
  return key.map(mirrored);
}

function mirrored(byte: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit += 1) result |= ((byte >> bit) & 1) << (7 - bit);
  return result;
}
