import type { Duplex } from 'node:stream';
import {
  type Refusal,
  RemoteAccessError,
  type ResumeRequest,
  type ServerMessage,
} from '@remote-access/contracts';
import type { FramedConnection } from '@remote-access/relay';
import {
  ClientSide,
  type ClientSideOwner,
  type ControlMessage,
  type HopReport,
} from './client-side';
import type { ResumableClient } from './resumable-client';
import { isLost, ResumeRight, Resumption } from './resumption';
import {
  clientFarewell,
  endedBy,
  type Farewell,
  frameViolation,
  type SessionEnd,
} from './session-end';
import { ClientWatch, type LimitOwner } from './session-limits';
import type { SessionMemory } from './session-memory';

/** For raw clients; those of `remoteaccess.v1` send text on purpose. */
const STRAY_TEXT = 'This connection takes binary frames only.';

/** The end of a connection whose client continues elsewhere. */
const TAKEN_OVER = endedBy('client', 'taken-over');

export interface SessionClientOptions {
  readonly sessionId: string;
  /** The origin of the page, which alone may resume the session. */
  readonly origin: string;
  readonly memory: SessionMemory;
}

/** What the session provides for its client, and the client's events. */
export interface SessionClientOwner
  extends
    Pick<ClientSideOwner, 'measureHops' | 'farewell' | 'farewellNow' | 'onNotRendered'>,
    Pick<LimitOwner, 'onStalled'> {
  readonly hasEnded: boolean;
  clientSent(message: ControlMessage): void;
  /** The connection of a client that may come back was lost. */
  clientAway(): void;
  clientReturned(): void;
  /** The client left intentionally, or cannot come back. */
  clientLeft(): void;
  /** The client's data can no longer be read; what it sent before is still delivered. */
  sideLost(end: SessionEnd): void;
  /** The session cannot continue with this client, or the client has not come back in time. */
  end(end: SessionEnd): void;
}

/** The client of a session, across all of its connections. */
export class SessionClient implements ClientSideOwner {
  private side: ClientSide;
  /** The key with which the client intends to resume, until the session is open. */
  private resumeKey: string | undefined;
  /** Set from `open` on, if the session can be resumed. */
  private resumption: Resumption | undefined;
  private stalledReaderMs = 0;
  private watch: ClientWatch | undefined;

  constructor(
    socket: FramedConnection,
    private readonly options: SessionClientOptions,
    private readonly session: SessionClientOwner,
  ) {
    this.side = new ClientSide(socket, this);
    options.memory.watch(this.side);
  }

  /** The current connection. */
  get connection(): ClientSide {
    return this.side;
  }

  get isResumable(): boolean {
    return this.resumption !== undefined;
  }

  /** The stream that outlives connections, if the session is resumable; from `open` on. */
  get resumable(): ResumableClient | undefined {
    return this.resumption?.client;
  }

  /** Whether the session waits for its client to come back. */
  get isAwaited(): boolean {
    return this.resumption?.isWaiting ?? false;
  }

  /** How often the client came back. */
  get resumed(): number {
    return this.resumption?.count ?? 0;
  }

  get bytesOut(): number {
    return (this.resumption?.client ?? this.side).bytesOut;
  }

  get bytesIn(): number {
    return (this.resumption?.client ?? this.side).bytesIn;
  }

  tell(message: ServerMessage): void {
    this.side.tell(message);
  }

  /** From now on a client that does not accept pending data for this long ends the session. */
  watchReader(stalledReaderMs: number): void {
    this.stalledReaderMs = stalledReaderMs;
    this.unwatch();
    if (this.session.hasEnded) return;
    this.watch = new ClientWatch(this.side, stalledReaderMs, this.session);
  }

  unwatch(): void {
    this.watch?.stop();
    this.watch = undefined;
  }

  /** The client intends to resume the session with this key. */
  keep(key: string): void {
    this.resumeKey = key;
  }

  /**
   * The client as the stream that is joined to the endpoint's. If the client asked for it and the
   * tenant allows it, that stream outlives the connection.
   */
  open(keepMs: number): Duplex {
    const { resumeKey, side } = this;
    const { sessionId, origin, memory } = this.options;
    if (keepMs === 0 || resumeKey === undefined) return side;
    const resumption = new Resumption(side, {
      right: new ResumeRight(origin, resumeKey),
      keepMs,
      onExpired: () => this.session.end(endedBy('client', 'not-resumed')),
    });
    this.resumption = resumption;
    memory.watchTargets([resumption.client]);
    side.tell({ type: 'kept', sessionId, seconds: resumption.keepSeconds });
    return resumption.client;
  }

  /** No more output follows. */
  end(): void {
    (this.resumption?.client ?? this.side).end();
  }

  /** Stops waiting for the client to come back. */
  giveUp(): void {
    this.resumption?.giveUp();
  }

  /**
   * Resolves when the client has received the last messages of a session that has ended, or never
   * will.
   */
  async lastMessages(end: SessionEnd): Promise<void> {
    await this.resumption?.lastMessages(end.error?.code ?? 'normal');
  }

  /**
   * Whether the session may be resumed on another connection. The refusal reveals nothing.
   * @returns `session-not-found`
   */
  resumeRefusal(origin: string, { keys, takeOver = false }: ResumeRequest): Refusal | undefined {
    const { resumption } = this;
    const isAllowed = takeOver
      ? resumption && !this.session.hasEnded
      : resumption?.isShown(origin, keys);
    return isAllowed ? undefined : new RemoteAccessError('session-not-found');
  }

  /** Uses up the right to resume; see {@link resumeRefusal}. */
  claimResume(origin: string, request: ResumeRequest): Refusal | undefined {
    const refusal = this.resumeRefusal(origin, request);
    if (refusal) return refusal;
    const { keys, next, takeOver } = request;
    if (!takeOver) return this.resumption!.claim(origin, keys, next);
    this.resumption!.takeOver(origin, next);
    return undefined;
  }

  /**
   * Continues on another connection of the client, which replaces the current one.
   * @param output offset of the output that the client has
   */
  resume(socket: FramedConnection, { output, takeOver }: ResumeRequest): void {
    const resumption = this.resumption!;
    const { client } = resumption;
    const { sessionId, memory } = this.options;
    const before = this.side;
    const side = new ClientSide(socket, this);
    this.side = side;
    client.detach();
    before.replace(clientFarewell(TAKEN_OVER, before.bytesOut));
    memory.replace(before, side);
    this.watchReader(this.stalledReaderMs);
    const from = takeOver ? client.tailStart : client.oldestFrom(output);
    const { bytesIn: input } = client;
    side.tell({ type: 'resumed', sessionId, input, output: from, seconds: resumption.keepSeconds });
    resumption.resumed(side, from);
    this.session.clientReturned();
    if (this.session.hasEnded) side.stopHolding();
  }

  /** Called by the client's connections, like the methods that follow. */
  onMessage(message: ControlMessage, side: ClientSide): void {
    if (side === this.side) this.session.clientSent(message);
  }

  onStrayText(): void {
    this.session.end(endedBy('client', 'malformed-request', STRAY_TEXT));
  }

  onNotRendered(): void {
    this.session.onNotRendered();
  }

  onBroken(cause: Error, side: ClientSide): void {
    const end = side === this.side ? frameViolation(cause) : undefined;
    if (end) this.session.sideLost(end);
  }

  onClosed(code: number, side: ClientSide): void {
    if (side === this.side) this.connectionClosed(code);
  }

  measureHops(): HopReport {
    return this.session.measureHops();
  }

  farewell(): Promise<Farewell> {
    return this.session.farewell();
  }

  farewellNow(): Farewell {
    return this.session.farewellNow();
  }

  private connectionClosed(closeCode: number): void {
    const { resumption } = this;
    if (resumption && isLost(closeCode, this.session.hasEnded)) {
      this.unwatch();
      this.session.clientAway();
      return resumption.lost();
    }
    resumption?.left();
    this.session.clientLeft();
  }
}
