import { randomBytes } from 'node:crypto';
import type { Caller } from '../auth/caller';
import type { PlatformRefusal } from '../auth/platform-refusal';
import type { BayeuxMessage } from './bayeux-message';

/** Messages that wait for a client which does not fetch them; then it has to start anew. */
export const MAX_QUEUED_MESSAGES = 1_000;

/**
 * How long a client may stay away between two connects before it is forgotten. More than a client
 * with a back-off of some tries needs to come back with the same session.
 */
export const MAX_ABSENCE_MS = 60_000;

/** Checks the sign-in again: users are disabled and tokens expire while a session goes on. */
export type SignIn = () => Caller | PlatformRefusal;

/** The connection that a session's messages come and go on. */
export interface Link {
  /** Sends at once, where the connection can; `false` when its client does not read. */
  readonly push?: (messages: BayeuxMessage[]) => boolean;
  readonly gone: boolean;
  /** @returns what ends the listening */
  onGone(listener: () => void): () => void;
}

/** One Bayeux client: what it subscribed to and what waits for it. */
export class BayeuxSession {
  /** Whoever knows it can fetch the session's messages, so it cannot be guessed. */
  readonly id = randomBytes(20).toString('hex');
  readonly subscriptions = new Set<string>();
  private readonly queue: BayeuxMessage[] = [];
  private link: Link | undefined;
  private held: (() => void) | undefined;
  private absence: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    readonly signIn: SignIn,
    private readonly forget: () => void,
  ) {
    this.awaitReturn();
  }

  /** Says where messages can be sent without waiting for a connect. */
  attach(link: Link): void {
    if (link.push && this.link !== link) this.link = link;
  }

  /** Sends a message now or with the answer to the next connect. */
  deliver(message: BayeuxMessage): void {
    if (this.link?.push && !this.link.gone) {
      if (!this.link.push([message])) this.end();
      return;
    }
    this.queue.push(message);
    if (this.queue.length > MAX_QUEUED_MESSAGES) this.end();
    else this.held?.();
  }

  /** Takes what waits. */
  take(): BayeuxMessage[] {
    return this.queue.splice(0);
  }

  /**
   * Holds a connect: until something waits, the time is over, the client has gone or connects a
   * second time.
   */
  async hold(timeoutMs: number, link: Link): Promise<void> {
    this.held?.();
    clearTimeout(this.absence);
    await new Promise<void>(resolve => {
      const timer = setTimeout(() => release(), timeoutMs);
      const stopListening = link.onGone(() => release());
      const release = (): void => {
        clearTimeout(timer);
        stopListening();
        if (this.held === release) {
          this.held = undefined;
          this.awaitReturn();
        }
        resolve();
      };
      this.held = release;
      if (this.ended || this.queue.length > 0 || link.gone || timeoutMs === 0) release();
    });
  }

  /** Forgets the client. Its next message is answered with the advice to start anew. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.absence);
    this.queue.length = 0;
    this.forget();
    this.held?.();
  }

  private awaitReturn(): void {
    clearTimeout(this.absence);
    if (!this.ended) this.absence = setTimeout(() => this.end(), MAX_ABSENCE_MS);
  }
}
