import { BIG_ENDIAN } from './big-endian';
import type { RsaPublicKey } from './cryptography';

/** An RSA key in the form of SSH (RFC 4253, section 6.6), by which it can be pinned like a host key. */
export function rsaBlob({ modulus, exponent }: RsaPublicKey): Uint8Array {
  const fields = [new TextEncoder().encode('ssh-rsa'), positive(exponent), positive(modulus)];
  return Uint8Array.from(fields.flatMap(field => [...BIG_ENDIAN.uint32(field.length), ...field]));
}

/** Without leading zeros, but with one where the highest bit would mean a negative number. */
function positive(number: Uint8Array): Uint8Array {
  const bytes = number.subarray(number.findIndex(byte => byte !== 0));
  return (bytes[0] ?? 0) & 0x80 ? Uint8Array.of(0, ...bytes) : bytes;
}
