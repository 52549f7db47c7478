import type { ClosingMessage, RemoteAccessError, WatchingMessage } from '@remote-access/contracts';
import { DRAIN_TIMEOUT_MS } from '@remote-access/streams';
import type { FramedConnection } from '@remote-access/relay';
import type { MemoryBudget, Reservation } from '../memory/memory-budget';
import type { WatchingParty, WatchingPlace } from '../watching/watchers';
import { ClientSide, type ControlMessage } from './client-side';
import type { Session } from './session';
import { CLIENT_LEFT, clientFarewell, endedBy, type SessionEnd } from './session-end';
import { SessionMemory } from './session-memory';

interface TerminalWatcherOptions {
  readonly session: Session;
  readonly user: string;
  readonly memory: { readonly budget: MemoryBudget; readonly reservation: Reservation };
  /** Called before anything is shown; rejects with a refusal. */
  onAccepted(): Promise<void>;
}

/**
 * The connection of a user who watches a terminal. Input is dropped unless the watcher has the
 * keyboard.
 */
export class TerminalWatcher implements WatchingParty {
  readonly canType = true;
  readonly user: string;
  /** Resolves when it has ended, with whether anything was shown. */
  readonly over: Promise<boolean>;
  private readonly session: Session;
  private readonly side: ClientSide;
  private readonly memory: SessionMemory;
  private place: WatchingPlace | undefined;
  private stopFollowing: () => void = () => undefined;
  private wasAccepted = false;
  /** Set if it ends before the session does. */
  private ownEnd: SessionEnd | undefined;

  constructor(
    socket: FramedConnection,
    private readonly options: TerminalWatcherOptions,
  ) {
    const { session, user, memory } = options;
    this.session = session;
    this.user = user;
    const farewell = () =>
      clientFarewell(this.ownEnd ?? session.firstEnd ?? CLIENT_LEFT, this.side.bytesOut);
    this.side = new ClientSide(socket, {
      measureHops: () => ({}),
      onMessage: message => this.handle(message),
      onStrayText: () => undefined,
      farewell: () => Promise.resolve(farewell()),
      farewellNow: farewell,
      onNotRendered: () => undefined,
      onBroken: () => undefined,
      // The stream may be paused.
      onClosed: () => this.side.destroy(),
    });
    this.memory = new SessionMemory(memory.budget, memory.reservation, {
      onStarved: () => this.endWith(endedBy('service', 'too-many-requests')),
    });
    this.memory.watch(this.side);
    this.over = new Promise(resolve => {
      this.side.once('close', () => {
        this.stopFollowing();
        this.place?.leave();
        this.memory.release();
        resolve(this.wasAccepted);
      });
    });
    this.side.on('data', (chunk: Buffer) => this.typed(chunk));
    void session.over.then(() => this.finish());
  }

  /** @param asks whether the session's user has to agree first */
  join(asks: boolean): void {
    this.place = this.session.watching.admit(this, asks);
    this.place.accepted
      .then(() => this.options.onAccepted())
      .then(() => {
        if (this.side.destroyed) return;
        this.wasAccepted = true;
        this.stopFollowing = this.session.watching.follow(this.side);
      })
      .catch((error: unknown) => this.end(error as RemoteAccessError));
  }

  show(state: WatchingMessage | ClosingMessage): void {
    this.side.tell(state);
  }

  replicaLeaves(replica: string, graceMs: number): void {
    if (this.side.socket.relayedBy !== replica) return;
    if (graceMs > 0) this.show({ type: 'closing', cause: 'shutdown', inMs: graceMs });
    else this.endWith(endedBy('service', 'shutting-down'));
  }

  end(error: RemoteAccessError): void {
    this.endWith({ by: 'service', error });
  }

  private endWith(end: SessionEnd): void {
    this.ownEnd ??= end;
    this.place?.leave();
    this.stopFollowing();
    this.finish();
  }

  private finish(): void {
    this.side.stopHolding();
    this.side.end();
    const timer = setTimeout(() => this.side.destroy(), DRAIN_TIMEOUT_MS);
    void this.over.then(() => clearTimeout(timer));
  }

  private typed(chunk: Buffer): void {
    if (!this.place?.hasKeyboard) return;
    this.side.pause();
    this.session.watching.typeIn(chunk, () => this.side.resume());
  }

  private handle(message: ControlMessage): void {
    if (message.type === 'ack' || message.type === 'flow') this.side.flow(message);
    else if (message.type === 'disconnect') this.endWith(CLIENT_LEFT);
  }
}
