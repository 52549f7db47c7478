import {
  asRefusal,
  type ClosingCause,
  isPlatformFailure,
  type Protocol,
  type RunningSession,
  type ServerMessage,
  type Step,
  type TenantId,
} from '@remote-access/contracts';
import { DRAIN_TIMEOUT_MS, Splice, type SpliceListener } from '@remote-access/streams';
import type { TerminalSize } from '@remote-access/ssh';
import type { FramedConnection } from '@remote-access/relay';
import type { DeviceSide } from '../gateway-call/device-side';
import type { MemoryBudget, Reservation } from '../memory/memory-budget';
import type { MeasuredSession, Metrics } from '../metrics/metrics';
import type { BridgeOpener, OpenBridge } from './bridge';
import type { ControlMessage, HopReport } from './client-side';
import { Progress, type ProgressOwner } from './progress';
import { SessionClient, type SessionClientOwner } from './session-client';
import { type ControlEvents, SessionControls } from './session-controls';
import {
  CLIENT_LEFT,
  clientFarewell,
  endedBy,
  type Farewell,
  finalEnd,
  operationEnd,
  type SessionEnd,
  failedSide,
} from './session-end';
import { SessionGateway, type SessionGatewayOwner, tenths } from './session-gateway';
import { SessionMemory, type SessionMemoryOwner } from './session-memory';
import type { SessionJournal } from './session-journal';
import { DurationLimit, IdleWatch, type LimitOwner } from './session-limits';
import type { SessionPlan, SessionSubject } from './session-plan';
import { SessionWatching, type WatchedSession } from './session-watching';

const STARVED =
  'The rest of a message did not arrive, because the memory for it was in use. Try again later.';

export interface SessionOptions {
  /** Random, so that knowing one id does not help guessing another. */
  readonly id: string;
  readonly subject: SessionSubject;
  /** The origin of the page, which alone may resume the session. */
  readonly origin: string;
  /** The key with which the client will resume it, if the ticket request named one. */
  readonly keep: string | undefined;
  /** Of the terminal, if the ticket request named it; the client may still send another. */
  readonly size: TerminalSize | undefined;
  readonly journal: SessionJournal;
  readonly metrics: Metrics;
  readonly memory: { readonly budget: MemoryBudget; readonly reservation: Reservation };
  /** Everything that can be refused before the gateway is called; rejects with a refusal. */
  readonly prepare: () => Promise<SessionPlan>;
  /** The client has sent a new ticket. */
  readonly onRenewed: (session: Session, ticket: string) => void;
}

/** The phase of a session, with what it holds during that phase. */
type Phase =
  | { readonly name: 'new'; readonly prepare: SessionOptions['prepare'] }
  | { readonly name: 'preparing' }
  /** The gateway is being called. */
  | {
      readonly name: 'calling';
      readonly openBridge: BridgeOpener;
      readonly auditRequired: boolean;
      readonly keepMs: number;
    }
  /** The gateway has connected: signing in, and handshakes with the client. */
  | { readonly name: 'opening'; readonly keepMs: number }
  /** Both sides are joined. */
  | { readonly name: 'open'; readonly bridge: OpenBridge }
  /** The first cause of the end is known; data read before is still delivered. */
  | { readonly name: 'ending'; readonly end: SessionEnd; finalEnd?: Promise<SessionEnd> }
  | { readonly name: 'over'; readonly end: SessionEnd };

/** What a session is to its parts: they call it, because thousands of idle ones share its code. */
interface SessionRoles
  extends
    ControlEvents,
    LimitOwner,
    Pick<ProgressOwner, 'onStep'>,
    SessionClientOwner,
    SessionGatewayOwner,
    SessionMemoryOwner,
    SpliceListener,
    WatchedSession {}

/** Shared by all sessions. */
const SIDES = { names: ['client', 'target'] } as const;

/**
 * One connection from a client to an endpoint. It owns both sides, the limits, and the record of why
 * the session ended: only the first cause counts.
 */
export class Session implements MeasuredSession, SessionRoles {
  readonly id: string;
  readonly subject: SessionSubject;
  readonly client: SessionClient;
  /** The users who watch it. */
  readonly watching: SessionWatching;
  readonly progress: Progress;

  private readonly journal: SessionJournal;
  private readonly metrics: Metrics;
  private readonly controls: SessionControls;
  private readonly memory: SessionMemory;
  private phase: Phase;
  /** Set from `calling` on, like the two that follow. */
  private gateway: SessionGateway | undefined;
  private idle: IdleWatch | undefined;
  /** Only if the duration is limited. */
  private duration: DurationLimit | undefined;
  private readonly renewed: SessionOptions['onRenewed'];
  private overListeners: readonly ((session: Session) => void)[] = [];

  constructor(
    socket: FramedConnection,
    {
      id,
      subject,
      origin,
      keep,
      size,
      journal,
      metrics,
      memory,
      prepare,
      onRenewed,
    }: SessionOptions,
  ) {
    this.id = id;
    this.subject = subject;
    this.journal = journal;
    this.metrics = metrics;
    this.phase = { name: 'new', prepare };
    this.renewed = onRenewed;
    this.memory = new SessionMemory(memory.budget, memory.reservation, this);
    this.client = new SessionClient(socket, { sessionId: id, origin, memory: this.memory }, this);
    if (keep !== undefined) this.client.keep(keep);
    this.watching = new SessionWatching(this);
    this.progress = new Progress(this);
    this.controls = new SessionControls(this.client, this, size);
  }

  /** Resolves when both sides are closed and everything has been recorded. */
  get over(): Promise<void> {
    return new Promise(resolve => this.onOver(() => resolve()));
  }

  get tenant(): TenantId {
    return this.subject.caller.tenant;
  }

  get hasEnded(): boolean {
    return this.firstEnd !== undefined;
  }

  get protocol(): Protocol {
    return this.subject.endpoint.protocol;
  }

  get user(): string {
    return this.subject.caller.userName;
  }

  get state(): RunningSession['state'] {
    if (this.progress.next !== undefined) return 'opening';
    return this.client.isAwaited ? 'waiting' : 'open';
  }

  get bytesToClient(): number {
    return this.client.bytesOut;
  }

  get bytesFromClient(): number {
    return this.client.bytesIn;
  }

  get transferredBytes(): number {
    return this.bytesFromClient + this.bytesToClient;
  }

  /** As the API shows it. */
  get description(): RunningSession {
    const { endpoint, caller, gateway } = this.subject;
    return {
      id: this.id,
      operationId: this.gateway?.call.operationId ?? null,
      deviceId: gateway.id,
      deviceName: gateway.name,
      endpointId: endpoint.id,
      endpointName: endpoint.name,
      protocol: this.protocol,
      user: caller.userName,
      startedAt: new Date(this.progress.startedAtEpochMs).toISOString(),
      state: this.state,
      bytesToClient: this.bytesToClient,
      bytesFromClient: this.bytesFromClient,
      gatewayMs: this.gateway?.roundTripMs ?? null,
    };
  }

  start(): void {
    this.callGateway().catch((cause: unknown) => {
      const error = asRefusal(cause);
      this.end({ by: isPlatformFailure(error) ? 'platform' : 'service', error });
    });
  }

  /** @param listener called when the session is {@link over} */
  onOver(listener: (session: Session) => void): void {
    if (this.phase.name === 'over') listener(this);
    else this.overListeners = [...this.overListeners, listener];
  }

  tellUser(message: ServerMessage): void {
    this.client.tell(message);
  }

  record(user: string, event: string): void {
    void this.recordWatching(user, event);
  }

  /**
   * @param event what a user did, without a period
   * @returns whether the audit log has recorded it
   */
  recordWatching(user: string, event: string): Promise<boolean> {
    return this.journal.watched(this, this.gateway?.call.operationId, user, event);
  }

  /**
   * Tells the user that the session will end, so that they can finish what they are doing. Watchers
   * are not told what only the user can prevent or knows.
   */
  announceEnd(cause: ClosingCause, inMs: number): void {
    if (this.hasEnded) return;
    const closing = { type: 'closing', cause, inMs: Math.round(inMs) } as const;
    this.client.tell(closing);
    if (cause === 'shutdown') this.watching.announceEnd(closing);
  }

  /**
   * Another replica is stopping. A client that is connected through it and can resume moves over to
   * another replica at once; otherwise the session ends with that replica. So does the connection of
   * a watcher.
   *
   * @param graceMs until then; 0 if the time is over
   */
  replicaLeaves(replica: string, graceMs: number): void {
    const { client, gateway, watching } = this;
    const { socket } = client.connection;
    watching.replicaLeaves(replica, graceMs);
    const carriesClient = socket.relayedBy === replica && socket.readyState === socket.OPEN;
    const carriesGateway = gateway?.call.deviceSide?.socket.relayedBy === replica;
    if (!carriesClient && !carriesGateway) return;
    // Without a reason, a page shows a desktop again by itself.
    const movesAtEnd = !carriesGateway && this.protocol === 'VNC';
    if (graceMs > 0 && (carriesGateway || !client.isResumable)) {
      this.announceEnd('shutdown', graceMs);
    } else if (graceMs > 0 || movesAtEnd) {
      socket.terminate();
    } else {
      this.end(endedBy('service', 'shutting-down'));
    }
  }

  /** Ends the session on the service's initiative; data read before still reaches both sides. */
  end(end: SessionEnd): void {
    if (this.hasEnded) {
      // Stop waiting for a lost client.
      if (end.by === 'service' || end.by === 'platform') this.client.giveUp();
      return;
    }
    const joined = this.phase.name === 'open' ? this.phase.bridge : undefined;
    this.noteEnd(end);
    const { connection } = this.client;
    this.client.end();
    const cut = (): void => {
      connection.destroy();
      this.gateway?.destroy();
    };
    const timer = setTimeout(cut, DRAIN_TIMEOUT_MS);
    this.onOver(() => clearTimeout(timer));
    if (joined) {
      // The splice delivers what was read before; then both sides close.
      joined.target.end();
      return;
    }
    // Nobody reads the client yet, and what it sent cannot be delivered.
    connection.resume();
    this.gateway?.destroy();
    if (connection.closed) void this.close();
    else connection.once('close', () => void this.close());
  }

  /** Called by its parts, like the methods that follow: first those of its client. */
  clientSent(message: ControlMessage): void {
    this.controls.handle(message);
    this.watching.handle(message);
  }

  clientAway(): void {
    this.watching.userLost();
  }

  clientReturned(): void {
    this.watching.userReturned();
  }

  clientLeft(): void {
    if (this.phase.name === 'open') this.noteEnd(CLIENT_LEFT);
    else this.end(CLIENT_LEFT);
  }

  measureHops(): HopReport {
    const { gateway, phase } = this;
    const report = gateway?.measure();
    if (!report) return {};
    if (phase.name !== 'open') return report;
    const { bridge } = phase;
    const endpointMs = bridge.measureRoundTrip?.();
    if (endpointMs === undefined) return report;
    const endpoint = bridge.isSilent?.() ? 'silent' : 'answers';
    return { ...report, endpoint, endpointMs: tenths(endpointMs) };
  }

  async farewell(): Promise<Farewell> {
    return this.farewellOf(await this.finalEnd());
  }

  farewellNow(): Farewell {
    return this.farewellOf(this.firstEnd ?? CLIENT_LEFT);
  }

  onNotRendered(): void {
    this.metrics.paused('not-rendered');
  }

  /** Of its memory, its progress and its controls. */
  onMemoryWait(): void {
    this.metrics.paused('memory');
  }

  onStarved(): void {
    this.end(endedBy('service', 'too-many-requests', STARVED));
  }

  onStep(step: Step, sincePreviousMs: number): void {
    this.metrics.stepReached(this, step, sincePreviousMs);
  }

  onDisconnect(): void {
    this.end(CLIENT_LEFT);
  }

  onRenewed(ticket: string): void {
    this.renewed(this, ticket);
  }

  onStay(): void {
    this.idle?.used();
  }

  /** Of its limits. */
  onIdle(): void {
    this.end(endedBy('service', 'idle-timeout'));
  }

  onNearlyIdle(inMs: number): void {
    this.announceEnd('idle', inMs);
  }

  onUsed(): void {
    this.client.tell({ type: 'stays-open' });
  }

  onNearlyExpired(inMs: number): void {
    this.announceEnd('duration', inMs);
  }

  onExpired(): void {
    this.end(endedBy('service', 'session-expired'));
  }

  onStalled(): void {
    this.end(endedBy('service', 'reader-stalled'));
  }

  /** Of its gateway. */
  gatewayConnected(deviceSide: DeviceSide): void {
    this.memory.watch(deviceSide);
    // Two functions, because the bridge is used until the session's end: what the first one holds,
    // such as passwords, must not stay in memory that long.
    this.openBridge(deviceSide)
      .then(bridge => this.joinSides(bridge))
      .catch((cause: unknown) => {
        const error = asRefusal(cause);
        this.end({ by: failedSide(error), error });
      });
  }

  /** Of its client and its gateway. Once they are joined, the splice delivers what was read before. */
  sideLost(end: SessionEnd): void {
    if (this.phase.name === 'open' && !this.client.isResumable) this.noteEnd(end);
    else this.end(end);
  }

  /** Of the splice, before it closes the other side, and at last after both are closed. */
  onSideOver(side: string): void {
    const { phase } = this;
    if (side === 'target' && phase.name === 'open') this.noteEnd(phase.bridge.outcome());
  }

  onSpliceOver(): void {
    void this.close();
  }

  onFull(side: string): void {
    this.metrics.paused(side === 'client' ? 'client-full' : 'target-full');
  }

  /** Why it ended; `undefined` while it runs. */
  get firstEnd(): SessionEnd | undefined {
    const { phase } = this;
    return phase.name === 'ending' || phase.name === 'over' ? phase.end : undefined;
  }

  private async callGateway(): Promise<void> {
    if (this.phase.name !== 'new') return;
    const { prepare } = this.phase;
    this.phase = { name: 'preparing' };
    const { limits, auditRequired, keepMs, openBridge, createCall } = await prepare();
    if (this.hasEnded) return;
    this.idle = new IdleWatch(this, limits.idleTimeoutMs);
    if (limits.maxDurationMs > 0) this.duration = new DurationLimit(this, limits.maxDurationMs);
    this.client.watchReader(limits.stalledReaderMs);
    this.gateway = new SessionGateway(createCall, limits.stalledReaderMs, this);
    this.phase = { name: 'calling', openBridge, auditRequired, keepMs };
    await this.gateway.call.place();
  }

  private async openBridge(deviceSide: DeviceSide): Promise<OpenBridge> {
    if (this.phase.name !== 'calling') throw new Error(`A gateway came while ${this.phase.name}`);
    const { openBridge, auditRequired, keepMs } = this.phase;
    this.phase = { name: 'opening', keepMs };
    this.progress.reached('gateway-connected');
    const { greet, isEncrypted, ...bridge } = await openBridge({
      deviceSide,
      clientSide: this.client.connection,
      ...this.controls.forOpening(),
      onSignedIn: warning => this.progress.reached('signed-in', warning && { warning }),
    });
    // The gateway's side has such a listener.
    if (bridge.target !== deviceSide) bridge.target.on('error', ignoreBrokenSide);
    this.memory.watchTargets([bridge.target, ...(bridge.streams ?? [])]);
    if (this.hasEnded) return bridge;
    const { call } = this.gateway!;
    call.inUse();
    const { operationId } = call;
    const { hostKeyVerification } = this.controls;
    const facts = { hostKeyVerification, hasAnswered: deviceSide.bytesIn > 0 };
    const isRecorded = await this.journal.started(this, operationId!, facts);
    if (!isRecorded && auditRequired) this.end(endedBy('service', 'audit-unavailable'));
    if (this.hasEnded) return bridge;
    this.controls.attach(bridge);
    this.progress.reached('open', isEncrypted === undefined ? {} : { isEncrypted });
    await greet?.();
    return bridge;
  }

  private joinSides(bridge: OpenBridge): void {
    const { target } = bridge;
    if (this.hasEnded) {
      target.destroy();
      return;
    }
    const keepMs = this.phase.name === 'opening' ? this.phase.keepMs : 0;
    const client = this.client.open(keepMs);
    this.phase = { name: 'open', bridge };
    this.watching.opened(this.client.resumable);
    new Splice(client, target, SIDES, this);
  }

  private noteEnd(end: SessionEnd): void {
    if (this.hasEnded) return;
    this.phase = { name: 'ending', end };
    this.idle?.stop();
    this.duration?.stop();
    this.client.unwatch();
    this.memory.stop();
    this.gateway?.release();
    this.controls.close();
  }

  private finalEnd(): Promise<SessionEnd> {
    this.noteEnd(CLIENT_LEFT);
    const { phase } = this;
    if (phase.name !== 'ending') return Promise.resolve(this.firstEnd!);
    phase.finalEnd ??= finalEnd(phase.end, this.gateway?.call, this.subject.endpoint);
    return phase.finalEnd;
  }

  private farewellOf(end: SessionEnd): Farewell {
    return clientFarewell(end, this.bytesToClient, this.progress.next);
  }

  private async close(): Promise<void> {
    const { gateway } = this;
    gateway?.destroy();
    const end = await this.finalEnd();
    this.watching.close();
    const operationId = await gateway?.call.operationCreated;
    const figures = {
      durationMs: this.progress.elapsedMs,
      toClient: this.bytesToClient,
      fromClient: this.bytesFromClient,
      hostKeyVerification: this.controls.hostKeyVerification,
      resumed: this.client.resumed,
      hasAnswered: gateway?.hasAnswered ?? false,
    };
    const code = end.error?.code ?? 'normal';
    this.metrics.sessionEnded(this, { by: end.by, code, durationMs: figures.durationMs });
    await Promise.all([
      this.journal.ended(this, operationId, end, figures),
      gateway?.call.finish(operationEnd(end)),
    ]);
    await this.client.lastMessages(end);
    this.phase = { name: 'over', end };
    this.memory.release();
    for (const listener of this.overListeners) listener(this);
  }
}

function ignoreBrokenSide(): void {
  // The close that follows ends the session.
}
