import { randomBytes } from 'node:crypto';

/**
 * 128 random bits as 32 hexadecimal digits, for what is held long: the text of `randomUUID` stays
 * in memory as the pieces that it is made of, half a kilobyte.
 */
export function randomId(): string {
  return randomBytes(16).toString('hex');
}
