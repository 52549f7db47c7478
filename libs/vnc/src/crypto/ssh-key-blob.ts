import { BIG_ENDIAN } from '../handshake/big-endian';
import type { RsaPublicKey } from './cryptography';

/** A public key in SSH's format (RFC 4253, section 6.6), in which servers' keys are pinned. */
export function sshKeyBlob(algorithm: string, ...fields: readonly Uint8Array[]): Uint8Array {
  const all = [new TextEncoder().encode(algorithm), ...fields];
  return Uint8Array.from(all.flatMap(field => [...BIG_ENDIAN.uint32(field.length), ...field]));
}

export function rsaKeyBlob({ modulus, exponent }: RsaPublicKey): Uint8Array {
  return sshKeyBlob('ssh-rsa', positive(exponent), positive(modulus));
}

/** Drops leading zeros, except the one without which the number would be read as negative. */
function positive(number: Uint8Array): Uint8Array {
  const bytes = number.subarray(number.findIndex(byte => byte !== 0));
  return (bytes[0] ?? 0) & 0x80 ? Uint8Array.of(0, ...bytes) : bytes;
}
