import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * The right to resume a session: whoever shows its key, from the page's own origin. Only the key's
 * hash is kept, and each use replaces it by one that the client has made, so that a key that was
 * used, or seen, is worth nothing.
 */
export class ResumeRight {
  private hash: Buffer;

  constructor(
    private origin: string,
    key: string,
  ) {
    this.hash = hashOf(key);
  }

  /** Whether one of the keys is the present one. */
  isShown(origin: string, keys: readonly string[]): boolean {
    // Every key is compared, whichever is right.
    const matches = keys.filter(key => timingSafeEqual(hashOf(key), this.hash));
    return origin === this.origin && matches.length > 0;
  }

  /** From now on the right belongs to another page. */
  transfer(origin: string, key: string): void {
    this.origin = origin;
    this.replace(key);
  }

  /** From now on another key counts. */
  replace(key: string): void {
    this.hash = hashOf(key);
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
