import { createHash, timingSafeEqual } from 'node:crypto';
import { type ErrorCode, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import type { ClientSide } from './client-side';
import { ResumableClient } from './resumable-client';

/** The client sent a close frame that says it has finished, or one without a code. */
const ON_PURPOSE: ReadonlySet<number> = new Set([1000, 1005]);

/** The page was reloaded or closed, or there was no close frame at all. */
const WITHOUT_ANSWER: ReadonlySet<number> = new Set([1001, 1006]);

/**
 * Whether a client may come back: its connection broke, or its page was reloaded or closed. Once
 * the session has ended, clients echo the close code that they were sent.
 */
export function isLost(closeCode: number, hasEnded: boolean): boolean {
  return hasEnded ? WITHOUT_ANSWER.has(closeCode) : !ON_PURPOSE.has(closeCode);
}

/** Ends for which the session does not wait to deliver its last messages. */
const WITHOUT_LAST_MESSAGES: ReadonlySet<ErrorCode | 'normal'> = new Set([
  'not-resumed',
  'shutting-down',
]);

export interface ResumptionOptions {
  readonly right: ResumeRight;
  /** How long the session waits for its client. */
  readonly keepMs: number;
  /** Called if the client has not come back in time. */
  readonly onExpired: () => void;
}

/**
 * Makes a session resumable: a client stream that outlives connections, the right to reconnect, and
 * the time left to do so. A session that has ended also waits, so that its client still learns how
 * it ended.
 */
export class Resumption {
  readonly client: ResumableClient;
  /** How often the client has come back. */
  count = 0;
  private timer: NodeJS.Timeout | undefined;
  private hasLeft = false;
  private settle!: () => void;
  private readonly settled = new Promise<void>(resolve => (this.settle = resolve));

  constructor(
    side: ClientSide,
    private readonly options: ResumptionOptions,
  ) {
    this.client = new ResumableClient(side);
  }

  get keepSeconds(): number {
    return this.options.keepMs / 1_000;
  }

  /** Whether no client is connected at present. */
  get isWaiting(): boolean {
    return this.timer !== undefined;
  }

  /** The user continues in another window, which has signed in, so no key is required. */
  takeOver(origin: string, next: string): void {
    this.options.right.transfer(origin, next);
  }

  /**
   * Uses up the right to resume.
   * @returns `session-not-found`, which reveals nothing more, if no valid key was presented
   */
  claim(origin: string, keys: readonly string[], next: string): Refusal | undefined {
    const { right } = this.options;
    if (!right.isShown(origin, keys)) return new RemoteAccessError('session-not-found');
    right.replace(next);
    return undefined;
  }

  isShown(origin: string, keys: readonly string[]): boolean {
    return this.options.right.isShown(origin, keys);
  }

  /** The connection was lost; the session waits. */
  lost(): void {
    this.client.lost();
    this.timer ??= setTimeout(() => {
      this.giveUp();
      this.options.onExpired();
    }, this.options.keepMs);
  }

  resumed(side: ClientSide, from: number): void {
    this.stopWaiting();
    this.count += 1;
    this.client.attach(side, from);
  }

  /** The client left intentionally, or has received everything. */
  left(): void {
    this.hasLeft = true;
    this.giveUp();
    this.client.leave();
  }

  /** Stops waiting for the client. */
  giveUp(): void {
    this.stopWaiting();
    this.settle();
  }

  /**
   * Resolves when the client has received the last messages of a session that has ended, or never
   * will.
   */
  lastMessages(code: ErrorCode | 'normal'): Promise<void> {
    if (this.hasLeft || WITHOUT_LAST_MESSAGES.has(code)) this.giveUp();
    return this.settled;
  }

  private stopWaiting(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

/**
 * The right to resume a session: its key, presented from the page's own origin. Only a hash of the
 * key is kept, and each use replaces the key with a new one chosen by the client, so a used or
 * intercepted key is worthless.
 */
export class ResumeRight {
  private hash: Buffer;

  constructor(
    private origin: string,
    key: string,
  ) {
    this.hash = hashOf(key);
  }

  /** Whether one of the keys is the current one. */
  isShown(origin: string, keys: readonly string[]): boolean {
    // All keys are compared, so that timing reveals nothing.
    const matches = keys.filter(key => timingSafeEqual(hashOf(key), this.hash));
    return origin === this.origin && matches.length > 0;
  }

  /** Transfers the right to another page. */
  transfer(origin: string, key: string): void {
    this.origin = origin;
    this.replace(key);
  }

  /** Replaces the key. */
  replace(key: string): void {
    this.hash = hashOf(key);
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
