import {
  asRefusal,
  type ClosingCause,
  type DeviceId,
  type Endpoint,
  type Protocol,
  type Refusal,
  RemoteAccessError,
  type ResumeRequest,
  type RunningSession,
  type TenantId,
} from '@remote-access/contracts';
import { Disposables, DRAIN_TIMEOUT_MS, splice } from '@remote-access/streams';
import type { FramedConnection } from '@remote-access/relay';
import type { ShownRights } from '../access/caller';
import type { DeviceSide } from '../gateway-call/device-side';
import type { CallListener, GatewayCall } from '../gateway-call/gateway-call';
import { GatewayPulse } from '../gateway-call/gateway-pulse';
import type { MemoryBudget, Reservation } from '../memory/memory-budget';
import type { MeasuredSession, Metrics } from '../metrics/metrics';
import type { BridgeOpener, OpenBridge } from './bridge';
import { ClientSide, type HopReport } from './client-side';
import { Progress } from './progress';
import type { ResumableClient } from './resumable-client';
import { ResumeRight } from './resume-right';
import { isLost, Resumption } from './resumption';
import { SessionControls } from './session-controls';
import {
  CLIENT_LEFT,
  clientFarewell,
  deviceCloseCode,
  endedBy,
  type Farewell,
  finalEnd,
  operationEnd,
  type SessionEnd,
  failedSide,
  frameViolation,
} from './session-end';
import { SessionMemory } from './session-memory';
import type { SessionJournal } from './session-journal';
import { type SessionLimits, startLimits, startStallWatch, watchClient } from './session-limits';

/** For raw clients; those of `remoteaccess.v1` send text on purpose. */
const STRAY_TEXT = 'This connection takes binary frames only.';

/** For a connection whose client goes on elsewhere. */
const TAKEN_OVER = endedBy('client', 'taken-over');

const STARVED =
  'The rest of a message did not arrive, because the memory for it was in use. Try again later.';

/** Whose session it is and where it leads: no secret, and not the gateway's managed object. */
export interface SessionSubject {
  readonly caller: { readonly tenant: TenantId; readonly userName: string };
  readonly gateway: { readonly id: DeviceId; readonly name: string };
  readonly endpoint: Readonly<
    Pick<Endpoint, 'id' | 'name' | 'protocol' | 'hostname' | 'port' | 'viewOnly'>
  >;
  /** What the audit log says about the tenant's notice, if there is one. */
  readonly notice: string | undefined;
  /** What let the caller connect, to be compared with later. */
  readonly rights: ShownRights;
}

/** What calling the gateway takes. Only opening needs it, so nothing of it is kept. */
export interface SessionPlan {
  readonly limits: SessionLimits;
  /** Whether the session may open only if the audit log has recorded it. */
  readonly auditRequired: boolean;
  /** How long the session waits for a client that lost its connection; 0 for not at all. */
  readonly keepMs: number;
  readonly openBridge: BridgeOpener;
  readonly createCall: (listener: CallListener) => GatewayCall;
}

export interface SessionOptions {
  /** Random, so that knowing one id does not help to guess another. */
  readonly id: string;
  readonly subject: SessionSubject;
  /** Of the page, which alone may resume the session. */
  readonly origin: string;
  readonly journal: SessionJournal;
  readonly metrics: Metrics;
  readonly memory: { readonly budget: MemoryBudget; readonly reservation: Reservation };
  /** Everything that can be refused before the gateway is called; rejects with a refusal. */
  readonly prepare: () => Promise<SessionPlan>;
  /** The client has sent a fresh ticket. */
  readonly onRenewed: (session: Session, ticket: string) => void;
}

/** How far a session has come, and what it holds meanwhile. */
type Phase =
  | { readonly name: 'new'; readonly prepare: SessionOptions['prepare'] }
  | { readonly name: 'preparing' }
  /** The gateway is called. */
  | {
      readonly name: 'calling';
      readonly openBridge: BridgeOpener;
      readonly auditRequired: boolean;
      readonly keepMs: number;
    }
  /** The gateway is here: signing in, and handshakes with the client. */
  | { readonly name: 'opening'; readonly keepMs: number }
  /** Both sides are joined. */
  | { readonly name: 'open'; readonly bridge: OpenBridge }
  /** The first cause of the end is known; what was read before is still delivered. */
  | { readonly name: 'ending'; readonly end: SessionEnd; finalEnd?: Promise<SessionEnd> }
  | { readonly name: 'over'; readonly end: SessionEnd };

/**
 * One connection from a client to an endpoint: the only owner of both sides, of every timer and of
 * the first cause of its end. Whatever comes after the first cause changes nothing.
 */
export class Session implements MeasuredSession {
  readonly id: string;
  readonly subject: SessionSubject;
  /** Resolves when both sides are closed and everything has been recorded. */
  readonly over: Promise<void>;

  private readonly journal: SessionJournal;
  private readonly metrics: Metrics;
  private clientSide: ClientSide;
  private readonly origin: string;
  private readonly controls: SessionControls;
  private readonly progress: Progress;
  private readonly limits = new Disposables();
  private readonly memory: SessionMemory;
  private phase: Phase;
  private stalledReaderMs = 0;
  /** From the gateway's connection on. */
  private pulse: GatewayPulse | undefined;
  /** From `calling` on: the session counts as used. */
  private stay: (() => void) | undefined;
  /** With which the client wants to resume, before the session is open. */
  private resumeKey: string | undefined;
  /** If the session is one that can be resumed, from `open` on. */
  private resumption: Resumption | undefined;
  private unwatchClient = (): void => undefined;
  /** From `calling` on. */
  private call: GatewayCall | undefined;
  private finish!: () => void;

  constructor(
    socket: FramedConnection,
    { id, subject, origin, journal, metrics, memory, prepare, onRenewed }: SessionOptions,
  ) {
    this.id = id;
    this.subject = subject;
    this.origin = origin;
    this.journal = journal;
    this.metrics = metrics;
    this.phase = { name: 'new', prepare };
    this.over = new Promise(resolve => (this.finish = resolve));
    this.clientSide = this.sideOf(socket);
    this.memory = new SessionMemory(
      memory.budget,
      memory.reservation,
      () => this.end(endedBy('service', 'too-many-requests', STARVED)),
      () => metrics.paused('memory'),
    );
    this.memory.watch(this.clientSide);
    this.progress = new Progress(
      message => this.clientSide.tell(message),
      (step, ms) => metrics.stepReached(subject.endpoint.protocol, step, ms),
    );
    this.controls = new SessionControls(this.clientSide, {
      onDisconnect: () => this.end(CLIENT_LEFT),
      onRenewed: ticket => onRenewed(this, ticket),
      onStay: () => this.stay?.(),
      onKeep: key => (this.resumeKey = key),
    });
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

  get state(): RunningSession['state'] {
    if (this.progress.next !== undefined) return 'opening';
    return this.resumption?.isWaiting ? 'waiting' : 'open';
  }

  get bytesToClient(): number {
    return (this.resumption?.client ?? this.clientSide).bytesOut;
  }

  get bytesFromClient(): number {
    return (this.resumption?.client ?? this.clientSide).bytesIn;
  }

  /** As the API shows it. */
  get description(): RunningSession {
    const { endpoint, caller, gateway } = this.subject;
    const gatewayMs = this.pulse?.roundTripMs;
    return {
      id: this.id,
      operationId: this.call?.operationId ?? null,
      deviceId: gateway.id,
      deviceName: gateway.name,
      endpointId: endpoint.id,
      endpointName: endpoint.name,
      protocol: this.protocol,
      user: caller.userName,
      startedAt: this.progress.startedAt.toISOString(),
      state: this.state,
      bytesToClient: this.bytesToClient,
      bytesFromClient: this.bytesFromClient,
      gatewayMs: gatewayMs === undefined ? null : tenths(gatewayMs),
    };
  }

  start(): void {
    this.callGateway().catch((cause: unknown) => {
      const error = asRefusal(cause);
      this.end({ by: error.code.startsWith('platform') ? 'platform' : 'service', error });
    });
  }

  /** Tells the user that the session will end, so that they can finish what they do. */
  announceEnd(cause: ClosingCause, inMs: number): void {
    if (!this.hasEnded) this.clientSide.tell({ type: 'closing', cause, inMs: Math.round(inMs) });
  }

  /** Ends the session from our side; what was read before still reaches both sides. */
  end(end: SessionEnd): void {
    if (this.hasEnded) {
      // Whoever waits only for the last words is not waited for any longer.
      if (end.by === 'service' || end.by === 'platform') this.resumption?.giveUp();
      return;
    }
    const joined = this.phase.name === 'open' ? this.phase.bridge : undefined;
    this.noteEnd(end);
    const { clientSide } = this;
    if (this.resumption) this.resumption.client.end();
    else clientSide.end();
    const cut = (): void => {
      clientSide.destroy();
      this.call?.deviceSide?.destroy();
    };
    const timer = setTimeout(cut, DRAIN_TIMEOUT_MS);
    void this.over.then(() => clearTimeout(timer));
    if (joined) {
      // The splice delivers what was read, and then both sides close.
      joined.target.end();
      return;
    }
    // Nobody reads the client yet, and what it sent has nowhere to go.
    this.clientSide.resume();
    this.call?.deviceSide?.destroy();
    if (this.clientSide.closed) void this.close();
    else this.clientSide.once('close', () => void this.close());
  }

  /**
   * Whether its user may go on with it from another connection. Whoever may not is told nothing.
   * @returns `session-not-found`
   */
  resumeRefusal(origin: string, { keys, takeOver = false }: ResumeRequest): Refusal | undefined {
    const { resumption } = this;
    const isAllowed = takeOver ? resumption && !this.hasEnded : resumption?.isShown(origin, keys);
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
   * Goes on with another connection of the client, which takes the place of the present one.
   * @param output bytes that the client has
   */
  resume(socket: FramedConnection, { output, takeOver }: ResumeRequest): void {
    const resumption = this.resumption!;
    const { client } = resumption;
    const before = this.clientSide;
    const side = this.sideOf(socket);
    this.clientSide = side;
    client.detach();
    before.replace(clientFarewell(TAKEN_OVER, before.bytesOut));
    this.memory.replace(before, side);
    this.controls.moveTo(side);
    this.watchClient();
    const from = takeOver ? client.tailStart : client.oldestFrom(output);
    const { bytesIn: input } = client;
    const { keepSeconds: seconds } = resumption;
    side.tell({ type: 'resumed', sessionId: this.id, input, output: from, seconds });
    resumption.resumed(side, from);
    if (this.hasEnded) side.stopHolding();
  }

  private watchClient(): void {
    this.unwatchClient();
    this.unwatchClient = watchClient(this.limits, this.clientSide, this.stalledReaderMs, () =>
      this.end(endedBy('service', 'reader-stalled')),
    );
  }

  private sideOf(socket: FramedConnection): ClientSide {
    const side = new ClientSide(socket, {
      measureHops: () => this.measureHops(),
      onMessage: message => {
        if (side === this.clientSide) this.controls.handle(message);
      },
      onStrayText: () => this.end(endedBy('client', 'malformed-request', STRAY_TEXT)),
      farewell: async () => this.farewell(await this.finalEnd()),
      farewellNow: () => this.farewell(this.firstEnd ?? CLIENT_LEFT),
      onNotRendered: () => this.metrics.paused('not-rendered'),
    });
    side.on('error', cause => {
      const end = side === this.clientSide ? frameViolation(cause) : undefined;
      if (end) this.sideClosed(end);
    });
    // The socket's event, not the stream's: the stream may hold bytes that nobody reads yet.
    socket.on('close', code => {
      if (side === this.clientSide) this.clientGone(code);
    });
    return side;
  }

  private clientGone(closeCode: number): void {
    const { resumption } = this;
    if (resumption && isLost(closeCode, this.hasEnded)) {
      this.unwatchClient();
      return resumption.lost();
    }
    resumption?.left();
    if (!resumption || this.phase.name !== 'open') this.sideClosed(CLIENT_LEFT);
    else this.noteEnd(CLIENT_LEFT);
  }

  private get firstEnd(): SessionEnd | undefined {
    const { phase } = this;
    return phase.name === 'ending' || phase.name === 'over' ? phase.end : undefined;
  }

  private async callGateway(): Promise<void> {
    if (this.phase.name !== 'new') return;
    const { prepare } = this.phase;
    this.phase = { name: 'preparing' };
    const { limits, auditRequired, keepMs, openBridge, createCall } = await prepare();
    if (this.hasEnded) return;
    this.stalledReaderMs = limits.stalledReaderMs;
    this.stay = startLimits(this.limits, () => this.bytesFromClient + this.bytesToClient, limits, {
      onExceeded: code => this.end(endedBy('service', code)),
      onClosing: (cause, inMs) => this.announceEnd(cause, inMs),
      onStays: () => this.clientSide.tell({ type: 'stays-open' }),
    });
    this.watchClient();
    this.call = createCall(this.callListener());
    this.phase = { name: 'calling', openBridge, auditRequired, keepMs };
    await this.call.place();
  }

  private callListener(): CallListener {
    return {
      onCreated: operationId => this.progress.reached('operation-created', { operationId }),
      onDelivered: () => this.progress.reached('operation-delivered'),
      onConnected: deviceSide => this.gatewayConnected(deviceSide),
      onFirstByte: () => this.progress.reached('endpoint-answered'),
      onFailed: error => this.end({ by: 'gateway', error }),
      closeCode: () => deviceCloseCode(this.firstEnd ?? CLIENT_LEFT),
    };
  }

  private gatewayConnected(deviceSide: DeviceSide): void {
    this.memory.watch(deviceSide);
    deviceSide.socket.on('close', () => {
      if (deviceSide.isLost) this.sideClosed(endedBy('gateway', 'gateway-lost'));
    });
    const pulse = new GatewayPulse(deviceSide, () => this.end(endedBy('gateway', 'gateway-lost')));
    this.limits.add(() => pulse.stop());
    const onStalled = (): void => this.end(endedBy('gateway', 'reader-stalled'));
    this.limits.add(startStallWatch(deviceSide, this.stalledReaderMs, onStalled));
    this.pulse = pulse;
    // Two functions, because the second one waits for the session's end: what the first one holds,
    // such as passwords, must not stay in memory for that long.
    this.openBridge(deviceSide)
      .then(bridge => this.joinSides(bridge))
      .catch((cause: unknown) => {
        const error = asRefusal(cause);
        this.end({ by: failedSide(error), error });
      });
  }

  private measureHops(): HopReport {
    const { pulse, phase } = this;
    if (!pulse) return {};
    // Before a new ping is sent, so that an unanswered one has its age.
    const gateway = pulse.condition;
    pulse.ping();
    const gatewayMs = pulse.roundTripMs;
    const endpointMs = phase.name === 'open' ? phase.bridge.measureRoundTrip?.() : undefined;
    return {
      ...(gateway && { gateway }),
      ...(gatewayMs !== undefined && { gatewayMs: tenths(gatewayMs) }),
      ...(endpointMs !== undefined && { endpointMs: tenths(endpointMs) }),
    };
  }

  private async openBridge(deviceSide: DeviceSide): Promise<OpenBridge> {
    if (this.phase.name !== 'calling') throw new Error(`A gateway came while ${this.phase.name}`);
    const { openBridge, auditRequired, keepMs } = this.phase;
    this.phase = { name: 'opening', keepMs };
    this.progress.reached('gateway-connected');
    const { greet, ...bridge } = await openBridge({
      deviceSide,
      clientSide: this.clientSide,
      ...this.controls.forOpening(),
      onSignedIn: warning => this.progress.reached('signed-in', warning && { warning }),
    });
    bridge.target.on('error', ignoreBrokenSide);
    this.memory.watchTargets([bridge.target, ...(bridge.streams ?? [])]);
    if (this.hasEnded) return bridge;
    this.call!.inUse();
    const { operationId } = this.call!;
    const { hostKeyVerification } = this.controls;
    const facts = { hostKeyVerification, hasAnswered: deviceSide.bytesIn > 0 };
    const isRecorded = await this.journal.started(this, operationId!, facts);
    if (!isRecorded && auditRequired) this.end(endedBy('service', 'audit-unavailable'));
    if (this.hasEnded) return bridge;
    this.controls.attach(bridge);
    this.progress.reached('open');
    await greet?.();
    return bridge;
  }

  private async joinSides(bridge: OpenBridge): Promise<void> {
    const { target } = bridge;
    if (this.hasEnded) return void target.destroy();
    const client = this.makeResumable() ?? this.clientSide;
    this.phase = { name: 'open', bridge };
    const targetEnded = (): void => this.noteEnd(bridge.outcome());
    if (target.closed) targetEnded();
    // Before the splice hears of it, which then closes the other side.
    target.on('end', targetEnded);
    target.on('close', targetEnded);
    await splice(client, target, {
      names: ['client', 'target'],
      onFull: side => this.metrics.paused(side === 'client' ? 'client-full' : 'target-full'),
    });
    await this.close();
  }

  /** If the client and the tenant want it: its stream outlives the connection. */
  private makeResumable(): ResumableClient | undefined {
    const { phase, resumeKey, clientSide } = this;
    if (phase.name !== 'opening' || phase.keepMs === 0 || resumeKey === undefined) return undefined;
    const resumption = new Resumption(clientSide, {
      right: new ResumeRight(this.origin, resumeKey),
      keepMs: phase.keepMs,
      onExpired: () => this.end(endedBy('client', 'not-resumed')),
    });
    this.resumption = resumption;
    this.memory.watchTargets([resumption.client]);
    clientSide.tell({ type: 'kept', sessionId: this.id, seconds: resumption.keepSeconds });
    return resumption.client;
  }

  /** One side has closed. Once they are joined, the splice delivers the rest. */
  private sideClosed(end: SessionEnd): void {
    if (this.phase.name === 'open' && !this.resumption) this.noteEnd(end);
    else this.end(end);
  }

  private noteEnd(end: SessionEnd): void {
    if (this.hasEnded) return;
    this.phase = { name: 'ending', end };
    this.limits.dispose();
    this.memory.stop();
    this.call?.release();
    this.controls.close();
  }

  private finalEnd(): Promise<SessionEnd> {
    this.noteEnd(CLIENT_LEFT);
    const { phase } = this;
    if (phase.name !== 'ending') return Promise.resolve(this.firstEnd!);
    phase.finalEnd ??= finalEnd(phase.end, this.call, this.subject.endpoint);
    return phase.finalEnd;
  }

  private farewell(end: SessionEnd): Farewell {
    return clientFarewell(end, this.bytesToClient, this.progress.next);
  }

  private async close(): Promise<void> {
    this.call?.deviceSide?.destroy();
    const end = await this.finalEnd();
    const { call } = this;
    const operationId = await call?.operationCreated;
    const figures = {
      durationMs: this.progress.elapsedMs,
      toClient: this.bytesToClient,
      fromClient: this.bytesFromClient,
      hostKeyVerification: this.controls.hostKeyVerification,
      resumed: this.resumption?.count ?? 0,
      hasAnswered: (call?.deviceSide?.bytesIn ?? 0) > 0,
    };
    const code = end.error?.code ?? 'normal';
    this.metrics.sessionEnded(this, { by: end.by, code, durationMs: figures.durationMs });
    await Promise.all([
      this.journal.ended(this, operationId, end, figures),
      call?.finish(operationEnd(end)),
    ]);
    await this.resumption?.lastWords(end.error?.code ?? 'normal');
    this.phase = { name: 'over', end };
    this.memory.release();
    this.finish();
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function ignoreBrokenSide(): void {
  // The close that follows ends the session.
}
