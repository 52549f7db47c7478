import {
  type ClosingMessage,
  type Protocol,
  type Refusal,
  RemoteAccessError,
  type ServerMessage,
} from '@remote-access/contracts';
import { ScreenFeed, type ScreenSink } from '../watching/screen-feed';
import { Watchers, type WatchingParty, type WatchingPlace } from '../watching/watchers';
import type { ControlMessage } from './client-side';
import type { ResumableClient } from './resumable-client';

/** The session that is watched. */
export interface WatchedSession {
  /** Whose session it is. */
  readonly user: string;
  readonly protocol: Protocol;
  tellUser(message: ServerMessage): void;
  /** Writes to the audit log. */
  record(user: string, event: string): void;
}

/**
 * The part of a session that others watch; see {@link Watchers} and {@link ScreenFeed}. Nobody
 * watches most sessions, so what a watcher needs is created for the first one.
 */
export class SessionWatching {
  private watchers: Watchers | undefined;
  private feed: ScreenFeed | undefined;
  /** The stream of a session that outlives its connection. */
  private client: ResumableClient | undefined;
  /** Whether the user's page shows who is watching. */
  private isShown = false;
  private isOpen = false;
  /** Remembered for the first watcher, who may come while the user is away. */
  private isUserAway = false;

  constructor(private readonly session: WatchedSession) {}

  /**
   * The two sides are joined.
   * @param client the stream of a session that outlives its connection
   */
  opened(client: ResumableClient | undefined): void {
    this.isOpen = true;
    this.client = client;
  }

  /** Why nobody, or nobody else, can watch. */
  refusal(): Refusal | undefined {
    const hasScreen = this.session.protocol === 'VNC' || this.client !== undefined;
    if (!this.isOpen || !this.isShown || !hasScreen) return new RemoteAccessError('not-watchable');
    if (!this.watchers?.isFull) return undefined;
    const detail = 'This session already has the maximum number of watchers.';
    return new RemoteAccessError('too-many-requests', { detail });
  }

  /** @param asks whether the user has to agree first */
  admit(party: WatchingParty, asks: boolean): WatchingPlace {
    this.watchers ??= this.firstWatchers();
    return this.watchers.admit(party, asks);
  }

  /** @returns a function that stops it */
  follow(sink: ScreenSink): () => void {
    if (!this.client) return () => undefined;
    this.feed ??= this.startFeed(this.client);
    return this.feed.follow(sink);
  }

  /** @param goOn called once there is room for more */
  typeIn(chunk: Buffer, goOn: () => void): void {
    if (this.client) this.client.typeIn(chunk, goOn);
    else goOn();
  }

  /** Handles a message from the user's page. */
  handle(message: ControlMessage): void {
    switch (message.type) {
      case 'watchable':
        this.isShown = true;
        return;
      case 'screen':
        return this.feed?.screenArrived(message);
      case 'watch-answer':
        return this.watchers?.answered(message);
      case 'keyboard':
        return this.watchers?.handOver(message);
      case 'resize':
        return this.feed?.resized({ cols: message.cols, rows: message.rows });
      default:
    }
  }

  userLost(): void {
    this.isUserAway = true;
    this.watchers?.userLost();
  }

  userReturned(): void {
    this.isUserAway = false;
    this.watchers?.userReturned();
    this.feed?.userReturned();
  }

  announceEnd(closing: ClosingMessage): void {
    this.watchers?.announceEnd(closing);
  }

  replicaLeaves(replica: string, graceMs: number): void {
    this.watchers?.replicaLeaves(replica, graceMs);
  }

  /** All output has arrived. */
  close(): void {
    this.isOpen = false;
    this.watchers?.close();
    this.feed?.close();
  }

  private firstWatchers(): Watchers {
    const watchers = new Watchers(this.session, this.isUserAway);
    // If two people typed at once, they would produce commands that neither intended. Replies of
    // the terminal to the program's queries still pass.
    this.client?.filterInput(chunk => (watchers.hasHandedOver ? repliesIn(chunk) : chunk));
    return watchers;
  }

  private startFeed(client: ResumableClient): ScreenFeed {
    const feed = new ScreenFeed(client, message => this.session.tellUser(message));
    client.watchOutput(() => feed.outputArrived());
    return feed;
  }
}

/**
 * What terminals send on their own in response to a program's queries: device attributes, status,
 * cursor position, modes, settings (DECRQSS) and colours. ECMA-48; XTerm Control Sequences.
 */
const REPLY = new RegExp(
  [
    '\x1b\\[[?>=]?[\\d;]{0,64}[cnR]',
    '\x1b\\[\\??[\\d;]{0,64}\\$y',
    '\x1bP[01]\\$r[^\x07\x1b]{0,64}\x1b\\\\',
    '\x1b\\](?:4;\\d{1,3}|1[0-2]);[^\x07\x1b]{0,64}(?:\x07|\x1b\\\\)',
  ].join('|'),
  'g',
);

/** Extracts a terminal's replies from its input, without what the user types. */
export function repliesIn(input: Buffer): Buffer {
  const found = input.toString('latin1').match(REPLY);
  return Buffer.from(found?.join('') ?? '', 'latin1');
}
