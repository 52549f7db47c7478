import { LIMITS } from '@remote-access/contracts';

/** A comment of a key as one line of bounded length, whatever a file has in its place. */
export function keyComment(text: string): string {
  return text
    .slice(0, LIMITS.hostname)
    .replace(/\p{C}+/gu, ' ')
    .trim();
}
