import type { Cryptography } from './cryptography';

/** Text with a zero behind it in a field of fixed length; what is left over is random. */
export function filledText(
  text: string,
  length: number,
  { randomBytes }: Pick<Cryptography, 'randomBytes'>,
): Uint8Array {
  const field = Uint8Array.from(randomBytes(length));
  const bytes = new TextEncoder().encode(text).subarray(0, length - 1);
  field.set(bytes);
  field[bytes.length] = 0;
  return field;
}
