import { type ErrorCode, type Protocol, type Step } from '@remote-access/contracts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** From the fastest step on a LAN to the longest wait for a gateway. */
const STEP_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** From a session that failed immediately to a working day. */
const DURATION_BUCKETS_S = [1, 10, 60, 300, 900, 1_800, 3_600, 14_400, 28_800];

/** A session as the metrics see it: its counters only grow. */
export interface MeasuredSession {
  readonly id: string;
  readonly protocol: Protocol;
  readonly state: 'opening' | 'open' | 'waiting';
  readonly bytesToClient: number;
  readonly bytesFromClient: number;
}

/** Receives the steps of each connect, for traces. */
export interface ConnectListener {
  stepReached(session: MeasuredSession, step: Step, sincePreviousMs: number): void;
  ended(session: MeasuredSession, code: ErrorCode | 'normal', durationMs: number): void;
}

/** Why one side of a session is temporarily not read. */
export type PauseReason =
  /** The client does not accept what the endpoint sends. */
  | 'client-full'
  /** The endpoint does not accept what the client sends. */
  | 'target-full'
  /** The page has not rendered what it received. */
  | 'not-rendered'
  /** The memory budget is exhausted. */
  | 'memory';

/** Current usage and its limits. */
export interface MeasuredLimits {
  readonly memoryUsedBytes: number;
  readonly memoryLimitBytes: number;
  /** Sessions that have stopped reading because they wait for memory. */
  readonly waitingForMemory: number;
  readonly maxSessions: number;
  readonly perUser: number;
  readonly perDevice: number;
}

/** A replica's view of the cluster. */
export interface MeasuredCluster {
  readonly isConnected: boolean;
  /** Including this one. */
  readonly replicas: number;
  /** Connections that arrived here for sessions of other replicas. */
  readonly forwarded: number;
}

const ALONE: MeasuredCluster = { isConnected: false, replicas: 0, forwarded: 0 };

/**
 * Metrics for operators. No label contains a tenant, user or device, so a scrape identifies nobody
 * and the number of series is bounded.
 */
export class Metrics {
  readonly registry = new Registry();
  private sessions: () => Iterable<MeasuredSession> = () => [];
  private cluster: () => MeasuredCluster = () => ALONE;
  /** The bytes of each running session that the counters already include. */
  private readonly counted = new WeakMap<object, { toClient: number; fromClient: number }>();

  private connects: ConnectListener | undefined;

  private readonly opened = new Counter({
    name: 'remoteaccess_sessions_opened_total',
    help: 'Sessions whose two sides were joined',
    labelNames: ['protocol'] as const,
    registers: [this.registry],
  });
  private readonly ended = new Counter({
    name: 'remoteaccess_sessions_ended_total',
    help: 'Sessions that ended, by who ended them and the code of the error catalogue',
    labelNames: ['protocol', 'by', 'code'] as const,
    registers: [this.registry],
  });
  private readonly duration = new Histogram({
    name: 'remoteaccess_session_duration_seconds',
    help: 'Duration of sessions that ended',
    labelNames: ['protocol'] as const,
    buckets: DURATION_BUCKETS_S,
    registers: [this.registry],
  });
  private readonly bytes = new Counter({
    name: 'remoteaccess_bytes_total',
    help: 'Bytes relayed, without the framing of WebSockets',
    labelNames: ['protocol', 'direction'] as const,
    registers: [this.registry],
    collect: () => {
      for (const session of this.sessions()) this.countBytes(session);
    },
  });
  private readonly steps = new Histogram({
    name: 'remoteaccess_connect_step_seconds',
    help: 'Time from the previous step of connecting to this one',
    labelNames: ['protocol', 'step'] as const,
    buckets: STEP_BUCKETS_S,
    registers: [this.registry],
  });
  private readonly refusals = new Counter({
    name: 'remoteaccess_refusals_total',
    help: 'Requests and WebSocket upgrades that were refused, by code of the error catalogue',
    labelNames: ['over', 'code'] as const,
    registers: [this.registry],
  });
  private readonly pauses = new Counter({
    name: 'remoteaccess_relay_pauses_total',
    help: 'How often reading one side of a session stopped',
    labelNames: ['reason'] as const,
    registers: [this.registry],
  });
  private readonly auditFailures = new Counter({
    name: 'remoteaccess_audit_failures_total',
    help: 'Audit records that the platform did not take',
    registers: [this.registry],
  });

  constructor() {
    new Gauge({
      name: 'remoteaccess_sessions',
      help: 'Sessions of this process',
      labelNames: ['protocol', 'state'] as const,
      registers: [this.registry],
      collect: gauge(self => this.measureSessions(self)),
    });
    this.measure('remoteaccess_nats_connected', '1 while NATS carries messages', () =>
      Number(this.cluster().isConnected),
    );
    this.measure(
      'remoteaccess_replicas',
      'Replicas known, with this one; 0 without NATS_URL',
      () => this.cluster().replicas,
    );
    this.measure(
      'remoteaccess_forwarded_connections',
      'Connections that arrived here for sessions of other replicas',
      () => this.cluster().forwarded,
    );
  }

  /** @param cluster called at each scrape; if it is never set there is one replica */
  watchCluster(cluster: () => MeasuredCluster): void {
    this.cluster = cluster;
  }

  /**
   * Adds the metrics of the process itself; each of them takes a timer, so they are only added on
   * request.
   */
  measureProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** @param sessions returns all running sessions; called at each scrape */
  watchSessions(sessions: () => Iterable<MeasuredSession>): void {
    this.sessions = sessions;
  }

  /** @param limits called at each scrape */
  watchLimits(limits: () => MeasuredLimits): void {
    const add = (name: string, help: string, value: (now: MeasuredLimits) => number): void =>
      this.measure(name, help, () => value(limits()));
    add(
      'remoteaccess_memory_used_bytes',
      'Reserved of the memory budget for buffers',
      now => now.memoryUsedBytes,
    );
    add(
      'remoteaccess_memory_limit_bytes',
      'The memory budget for buffers',
      now => now.memoryLimitBytes,
    );
    add(
      'remoteaccess_memory_waiting',
      'Sessions whose reading waits for memory',
      now => now.waitingForMemory,
    );
    add(
      'remoteaccess_sessions_limit',
      'Sessions that this process may have',
      now => now.maxSessions,
    );
    add(
      'remoteaccess_sessions_per_user_limit',
      'Sessions that a user may have',
      now => now.perUser,
    );
    add(
      'remoteaccess_sessions_per_device_limit',
      'Sessions that a gateway may have',
      now => now.perDevice,
    );
  }

  watchConnects(listener: ConnectListener): void {
    this.connects = listener;
  }

  stepReached(session: MeasuredSession, step: Step, sincePreviousMs: number): void {
    const { protocol } = session;
    this.connects?.stepReached(session, step, sincePreviousMs);
    this.steps.observe({ protocol, step }, sincePreviousMs / 1_000);
    if (step === 'open') this.opened.inc({ protocol });
  }

  sessionEnded(
    session: MeasuredSession,
    { by, code, durationMs }: { by: string; code: ErrorCode | 'normal'; durationMs: number },
  ): void {
    const { protocol } = session;
    this.connects?.ended(session, code, durationMs);
    this.countBytes(session);
    this.ended.inc({ protocol, by, code });
    this.duration.observe({ protocol }, durationMs / 1_000);
  }

  refused(over: 'http' | 'websocket', code: ErrorCode): void {
    this.refusals.inc({ over, code });
  }

  paused(reason: PauseReason): void {
    this.pauses.inc({ reason });
  }

  auditFailed(): void {
    this.auditFailures.inc();
  }

  private measure(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: gauge(self => self.set(value())),
    });
  }

  private measureSessions(running: Gauge<'protocol' | 'state'>): void {
    running.reset();
    for (const { protocol, state } of this.sessions()) running.inc({ protocol, state });
  }

  /** Adds what a session has transferred since the last time. */
  private countBytes(session: MeasuredSession): void {
    const { protocol, bytesToClient, bytesFromClient } = session;
    const before = this.counted.get(session) ?? { toClient: 0, fromClient: 0 };
    this.bytes.inc({ protocol, direction: 'to_client' }, bytesToClient - before.toClient);
    this.bytes.inc({ protocol, direction: 'from_client' }, bytesFromClient - before.fromClient);
    this.counted.set(session, { toClient: bytesToClient, fromClient: bytesFromClient });
  }
}

/** prom-client passes the instrument as `this`. */
export function gauge<Label extends string>(
  measure: (self: Gauge<Label>) => void,
): (this: Gauge<Label>) => void {
  return function () {
    measure(this);
  };
}
