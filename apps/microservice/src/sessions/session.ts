import {
  asRefusal,
  type ClosingCause,
  type DeviceId,
  type Endpoint,
  type Protocol,
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
import { type SessionLimits, startLimits, startStallWatch } from './session-limits';

/** For raw clients; those of `remoteaccess.v1` send text on purpose. */
const STRAY_TEXT = 'This connection takes binary frames only.';

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
  readonly openBridge: BridgeOpener;
  readonly createCall: (listener: CallListener) => GatewayCall;
}

export interface SessionOptions {
  /** Random, so that knowing one id does not help to guess another. */
  readonly id: string;
  readonly subject: SessionSubject;
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
    }
  /** The gateway is here: signing in, and handshakes with the client. */
  | { readonly name: 'opening' }
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
  private readonly clientSide: ClientSide;
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
  private call: GatewayCall | undefined;
  private finish!: () => void;

  constructor(
    socket: FramedConnection,
    { id, subject, journal, metrics, memory, prepare, onRenewed }: SessionOptions,
  ) {
    this.id = id;
    this.subject = subject;
    this.journal = journal;
    this.metrics = metrics;
    this.phase = { name: 'new', prepare };
    this.over = new Promise(resolve => (this.finish = resolve));
    this.clientSide = new ClientSide(socket, {
      measureHops: () => this.measureHops(),
      onMessage: message => this.controls.handle(message),
      onStrayText: () => this.end(endedBy('client', 'malformed-request', STRAY_TEXT)),
      farewell: async () => this.farewell(await this.finalEnd()),
      farewellNow: () => this.farewell(this.firstEnd ?? CLIENT_LEFT),
      onNotRendered: () => metrics.paused('not-rendered'),
    });
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
    });
    this.clientSide.on('error', cause => {
      const end = frameViolation(cause);
      if (end) this.sideClosed(end);
    });
    // The socket's event, not the stream's: the stream may hold bytes that nobody reads yet.
    socket.on('close', () => this.sideClosed(CLIENT_LEFT));
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

  get state(): 'opening' | 'open' {
    return this.progress.next === undefined ? 'open' : 'opening';
  }

  get bytesToClient(): number {
    return this.clientSide.bytesOut;
  }

  get bytesFromClient(): number {
    return this.clientSide.bytesIn;
  }

  /** As the API shows it. */
  get description(): RunningSession {
    const { endpoint, caller } = this.subject;
    return {
      id: this.id,
      operationId: this.call?.operationId ?? null,
      endpointId: endpoint.id,
      endpointName: endpoint.name,
      protocol: this.protocol,
      user: caller.userName,
      startedAt: this.progress.startedAt.toISOString(),
      state: this.state,
      bytesToClient: this.bytesToClient,
      bytesFromClient: this.bytesFromClient,
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
    if (this.hasEnded) return;
    const joined = this.phase.name === 'open' ? this.phase.bridge : undefined;
    this.noteEnd(end);
    this.clientSide.end();
    const cut = (): void => {
      this.clientSide.destroy();
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

  private get firstEnd(): SessionEnd | undefined {
    const { phase } = this;
    return phase.name === 'ending' || phase.name === 'over' ? phase.end : undefined;
  }

  private async callGateway(): Promise<void> {
    if (this.phase.name !== 'new') return;
    const { prepare } = this.phase;
    this.phase = { name: 'preparing' };
    const { limits, auditRequired, openBridge, createCall } = await prepare();
    if (this.hasEnded) return;
    this.stalledReaderMs = limits.stalledReaderMs;
    this.stay = startLimits(this.limits, this.clientSide, limits, {
      onExceeded: code => this.end(endedBy('service', code)),
      onClosing: (cause, inMs) => this.announceEnd(cause, inMs),
      onStays: () => this.clientSide.tell({ type: 'stays-open' }),
    });
    this.call = createCall(this.callListener());
    this.phase = { name: 'calling', openBridge, auditRequired };
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
    const { openBridge, auditRequired } = this.phase;
    this.phase = { name: 'opening' };
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
    const isRecorded = await this.journal.started(this, operationId!, hostKeyVerification);
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
    this.phase = { name: 'open', bridge };
    const targetEnded = (): void => this.noteEnd(bridge.outcome());
    if (target.closed) targetEnded();
    // Before the splice hears of it, which then closes the other side.
    target.on('end', targetEnded);
    target.on('close', targetEnded);
    await splice(this.clientSide, target, {
      names: ['client', 'target'],
      onFull: side => this.metrics.paused(side === 'client' ? 'client-full' : 'target-full'),
    });
    await this.close();
  }

  /** One side has closed. Once they are joined, the splice delivers the rest. */
  private sideClosed(end: SessionEnd): void {
    if (this.phase.name === 'open') this.noteEnd(end);
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
    phase.finalEnd ??= finalEnd(phase.end, this.call);
    return phase.finalEnd;
  }

  private farewell(end: SessionEnd): Farewell {
    return clientFarewell(end, this.clientSide.bytesOut, this.progress.next);
  }

  private async close(): Promise<void> {
    this.call?.deviceSide?.destroy();
    const end = await this.finalEnd();
    const { call, clientSide } = this;
    const operationId = await call?.operationCreated;
    const figures = {
      durationMs: this.progress.elapsedMs,
      toClient: clientSide.bytesOut,
      fromClient: clientSide.bytesIn,
      hostKeyVerification: this.controls.hostKeyVerification,
    };
    const code = end.error?.code ?? 'normal';
    this.metrics.sessionEnded(this, { by: end.by, code, durationMs: figures.durationMs });
    await Promise.all([
      this.journal.ended(this, operationId, end, figures),
      call?.finish(operationEnd(end)),
    ]);
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
