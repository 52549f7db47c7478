import { MAX_RESUME_KEYS, type ResumeRequest } from '@remote-access/contracts';

const KEY_BYTES = 32;

/** A key that nobody can guess, base64url. */
export function newResumeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * The page's claim to its session. Each attempt to resume names the next key; if the response is
 * lost, either the previous key or the next one is valid.
 */
export class ResumeClaim {
  constructor(
    readonly sessionId: string,
    /** How long the session waits after the connection was lost. */
    public seconds: number,
    private known: readonly string[],
    /** The session is in another window: it is taken over from there without its key. */
    private takesOver = false,
  ) {}

  /** The keys that may be valid, latest first. */
  get keys(): readonly string[] {
    return this.known;
  }

  /** @param output bytes of output that the page has */
  request(output: number): ResumeRequest {
    return {
      sessionId: this.sessionId,
      keys: this.known.slice(0, MAX_RESUME_KEYS),
      next: newResumeKey(),
      output,
      ...(this.takesOver && { takeOver: true }),
    };
  }

  /** A ticket was issued and is about to be used. */
  attempting({ next }: ResumeRequest): void {
    this.known = [next, ...this.known].slice(0, MAX_RESUME_KEYS);
  }

  /** The attempt has succeeded. */
  succeeded(seconds: number): void {
    this.seconds = seconds;
    this.takesOver = false;
    this.known = this.known.slice(0, 1);
  }
}
