import { randomBytes } from 'node:crypto';
import type { Caller } from '../auth/caller';
import type { PlatformRefusal } from '../auth/platform-refusal';
import type { BayeuxMessage } from './bayeux-message';

/** The session ends when more messages than this are queued. */
export const MAX_QUEUED_MESSAGES = 1_000;

/**
 * How long a client may be absent between two connects before its session ends. Long enough for a
 * client that retries a few times with a back-off.
 */
export const MAX_ABSENCE_MS = 60_000;

/** Authenticates again, because users are disabled and tokens expire during a session. */
export type SignIn = () => Caller | PlatformRefusal;

/** The connection that carries a session's messages. */
export interface Link {
  /**
   * Sends immediately, if the connection supports it. @returns `false` if the client does not read
   */
  readonly push?: (messages: BayeuxMessage[]) => boolean;
  readonly gone: boolean;
  /** @returns a function that removes the listener */
  onGone(listener: () => void): () => void;
}

/** One Bayeux client: its subscriptions and its queued messages. */
export class BayeuxSession {
  /** Random, because knowing it is enough to fetch the session's messages. */
  readonly id = randomBytes(20).toString('hex');
  /** Channel → what to do when the subscription ends. */
  private readonly subscriptions = new Map<string, () => void>();
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

  /** @param ended called when the subscription ends */
  subscribe(channel: string, ended: () => void): void {
    this.unsubscribe(channel);
    this.subscriptions.set(channel, ended);
  }

  unsubscribe(channel: string): void {
    this.subscriptions.get(channel)?.();
    this.subscriptions.delete(channel);
  }

  isSubscribed(channel: string): boolean {
    return this.subscriptions.has(channel);
  }

  /** Stores a connection that can push without waiting for a connect. */
  attach(link: Link): void {
    if (link.push && this.link !== link) this.link = link;
  }

  isOn(link: Link): boolean {
    return this.link === link;
  }

  /** Sends a message immediately, or queues it for the response to the next connect. */
  deliver(message: BayeuxMessage): void {
    if (this.link?.push && !this.link.gone) {
      if (!this.link.push([message])) this.end();
      return;
    }
    this.queue.push(message);
    if (this.queue.length > MAX_QUEUED_MESSAGES) this.end();
    else this.held?.();
  }

  /** Removes and returns the queued messages. */
  take(): BayeuxMessage[] {
    return this.queue.splice(0);
  }

  /**
   * Holds a connect until a message is queued, the time is up, the client has left or it connects
   * again.
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

  /** Ends the session. The client's next message is answered with the advice to handshake again. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.absence);
    this.queue.length = 0;
    for (const channel of [...this.subscriptions.keys()]) this.unsubscribe(channel);
    this.forget();
    this.held?.();
  }

  private awaitReturn(): void {
    clearTimeout(this.absence);
    if (!this.ended) this.absence = setTimeout(() => this.end(), MAX_ABSENCE_MS);
  }
}
