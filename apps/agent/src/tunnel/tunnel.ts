import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { splice, type SpliceEnd } from '@remote-access/streams';
import type { ConnectTask } from '../inbox/inbox';
import type { Log } from '../log/log';
import { type Dialled, type TargetDialler } from '../targets/target-dialler';
import { describeTarget, parseTarget, type Target } from '../targets/target';
import type { ConsentRequest } from './consent';
import type { RateLimit } from './rate-limit';
import type { Relay, RelayDialler } from './relay-dialler';
import { StreamQuota, StreamServer } from './stream-server';

/**
 * Read per turn of the event loop. An agent has few sessions, so that one may hold up the others for
 * a fraction of a millisecond; not stopping after each read saves a fifth of the CPU time.
 */
const QUOTA_BYTES = 256 * 1024;

/** Shared by all tunnels of an agent. */
export interface TunnelDependencies {
  readonly relays: Pick<RelayDialler, 'dial'>;
  readonly targets: Pick<TargetDialler, 'dial'>;
  readonly log: Log;
  readonly limits?: { readonly sessions?: number; readonly sessionSeconds?: number };
  readonly rate?: RateLimit;
  readonly streams?: StreamQuota;
  /** @returns why a session may not be opened; `undefined` if it may */
  readonly consent?: (request: ConsentRequest, signal: AbortSignal) => Promise<string | undefined>;
}

/** A running tunnel, as shown in the status. */
export interface TunnelView {
  readonly operation: string;
  readonly target: string;
  readonly startedAt: string;
  readonly toTargetBytes: number;
  readonly fromTargetBytes: number;
}

/**
 * One tunnel between the remote access service and a target:
 *
 * 1. It reports EXECUTING and connects to both ends, all concurrently.
 * 2. Bytes that arrive early are buffered in the stream, then held back at the sender.
 * 3. Once both ends are connected, bytes flow without waiting for the report SUCCESSFUL.
 * 4. If one end fails, it reports FAILED before it closes the other, so that the service knows the
 *    reason when it sees the end.
 */
export class Tunnel {
  private readonly ending = new AbortController();
  private stopReason = '';
  private target: Target | undefined;
  private readonly startedAt = new Date();
  private readonly bytes = { first: 0, second: 0 };

  constructor(
    private readonly task: ConnectTask,
    private readonly dependencies: TunnelDependencies,
  ) {}

  /** Ends the tunnel. The reason is reported to the platform or sent to the service. */
  stop(reason: string): void {
    this.stopReason ||= reason;
    this.ending.abort();
  }

  view(): TunnelView {
    return {
      operation: this.task.id,
      target: this.target ? describeTarget(this.target) : '',
      startedAt: this.startedAt.toISOString(),
      toTargetBytes: this.bytes.first,
      fromTargetBytes: this.bytes.second,
    };
  }

  /** Runs the tunnel to its end; never rejects. */
  async run(): Promise<void> {
    try {
      await this.runToEnd();
    } catch (cause) {
      await this.fail(agentFailed(cause));
    }
  }

  private async runToEnd(): Promise<void> {
    const reports = [this.report('EXECUTING', this.task.executing())];
    const target = parseTarget(this.task.hostname, this.task.port);
    if (typeof target === 'string') {
      await this.fail(`bad target: ${target}`);
      return;
    }
    const { connectionKey } = this.task;
    if (!isConnectionKey(connectionKey)) {
      await this.fail(
        'bad connection key: it must be 1 to 200 letters, digits, "-", "_", "." or "~", not dots alone',
      );
      return;
    }
    this.target = target;
    const request = { target, operationId: this.task.id };
    const refusal = await this.dependencies.consent?.(request, this.ending.signal);
    if (refusal !== undefined) {
      await this.fail(this.stopReason || refusal, target);
      return;
    }
    const ends = await this.dialBoth(target, connectionKey);
    if ('refusal' in ends) {
      await this.fail(this.stopReason || ends.refusal, target);
      ends.relay?.refuse(this.stopReason || ends.refusal);
      ends.socket?.destroy();
      return;
    }
    reports.push(this.report('SUCCESSFUL', this.task.successful()));
    await this.join(ends.relay, ends.socket, target);
    await Promise.all(reports);
  }

  private async dialBoth(target: Target, connectionKey: string): Promise<BothEnds | OneEnd> {
    const dialling = new AbortController();
    const abandon = (): void => dialling.abort();
    this.ending.signal.addEventListener('abort', abandon, { once: true });
    if (this.ending.signal.aborted) abandon();
    let refusal: string | undefined;
    const refuse = (reason: string): void => {
      refusal ??= reason;
      abandon();
    };
    const { relays, targets } = this.dependencies;
    const [relay, socket] = await Promise.all([
      settled(() => relays.dial(connectionKey, dialling.signal)).then(dialled => {
        dialled.connection?.socket.once('close', () => refuse(CLOSED_EARLY));
        return connectionIn(dialled, refuse);
      }),
      settled(() => targets.dial(target, dialling.signal)).then(dialled =>
        connectionIn(dialled, refuse),
      ),
    ]);
    this.ending.signal.removeEventListener('abort', abandon);
    if (relay && socket && refusal === undefined && !this.ending.signal.aborted) {
      return { relay, socket };
    }
    return {
      refusal: refusal ?? this.stopReason,
      ...(relay && { relay }),
      ...(socket && { socket }),
    };
  }

  private async join(relay: Relay, socket: Socket, target: Target): Promise<void> {
    const where = describeTarget(target);
    const startedMs = performance.now();
    this.dependencies.log('session started', { operation: this.task.id, target: where });
    const stopHeartbeat = relay.keepAlive();
    const cut = (): void => {
      relay.refuse(this.stopReason);
      socket.destroy();
    };
    this.ending.signal.addEventListener('abort', cut, { once: true });
    const { limits, rate } = this.dependencies;
    const seconds = limits?.sessionSeconds ?? 0;
    const limit = seconds > 0 ? this.stopAfter(seconds) : undefined;
    const names = ['relay', 'target'] as const;
    const pace = (bytes: number, from: 'first' | 'second'): number => {
      this.bytes[from] += bytes;
      return rate?.take(bytes) ?? 0;
    };
    const detach = relay.stream.proposal;
    const end = detach.aborted
      ? DETACHED
      : await splice(relay.stream, socket, {
          names,
          gathers: true,
          quotaBytes: QUOTA_BYTES,
          pace,
          detach,
        });
    const failure = end.isDetached
      ? await this.serveStreams(relay, socket, target, pace)
      : undefined;
    clearTimeout(limit);
    stopHeartbeat();
    this.ending.signal.removeEventListener('abort', cut);
    this.dependencies.log('session ended', {
      operation: this.task.id,
      target: where,
      toTargetBytes: this.bytes.first,
      fromTargetBytes: this.bytes.second,
      durationMs: Math.round(performance.now() - startedMs),
      reason:
        this.stopReason ||
        failure?.message ||
        reasonOf(end, { relay: relay.stream, target: socket }),
    });
  }

  /** The client wants many connections to the target in this session. */
  private serveStreams(
    relay: Relay,
    first: Socket,
    target: Target,
    pace: (bytes: number, from: 'first' | 'second') => number,
  ): Promise<Error | undefined> {
    const { targets, streams = new StreamQuota(), log } = this.dependencies;
    const where = describeTarget(target);
    return new StreamServer(relay.stream, {
      first,
      dial: signal => targets.dial(target, signal),
      quota: streams,
      pace,
      onRefused: reason =>
        log('connection failed', { operation: this.task.id, target: where, reason }),
    }).over();
  }

  private stopAfter(seconds: number): NodeJS.Timeout {
    const reason = `the gateway's limit of ${seconds} seconds per session was reached`;
    return setTimeout(() => this.stop(reason), seconds * 1000);
  }

  private async fail(reason: string, target?: Target): Promise<void> {
    this.dependencies.log('session failed', {
      operation: this.task.id,
      ...(target && { target: describeTarget(target) }),
      reason,
    });
    await this.report('FAILED', this.task.failed(reason));
  }

  /** The tunnel neither waits for a report nor ends if reporting fails. */
  private report(status: string, sent: Promise<void>): Promise<void> {
    return sent.catch((cause: unknown) => {
      const reason = (cause as Error).message;
      this.dependencies.log('status not reported', { operation: this.task.id, status, reason });
    });
  }
}

/**
 * Unreserved characters (RFC 3986, section 2.3), and no dot segment, which would change the path.
 * The service issues UUIDs.
 */
function isConnectionKey(key: unknown): key is string {
  return typeof key === 'string' && /^(?!\.+$)[\w.~-]{1,200}$/.test(key);
}

/** Turns an unexpected error into a refusal, so that the other end is still closed. */
async function settled<End>(dial: () => Promise<Dialled<End>>): Promise<Dialled<End>> {
  try {
    return await dial();
  } catch (cause) {
    return { refusal: agentFailed(cause) };
  }
}

function agentFailed(cause: unknown): string {
  return `the gateway's agent failed: ${(cause as Error).message}`;
}

const DETACHED: SpliceEnd = { by: 'nobody', bytes: [0, 0], isDetached: true };

const CLOSED_EARLY = 'remote access service closed the tunnel before the target was connected';

interface BothEnds {
  readonly relay: Relay;
  readonly socket: Socket;
}

interface OneEnd {
  readonly refusal: string;
  readonly relay?: Relay;
  readonly socket?: Socket;
}

function connectionIn<End>(
  dialled: Dialled<End>,
  refuse: (reason: string) => void,
): End | undefined {
  if (dialled.refusal !== undefined) refuse(dialled.refusal);
  return dialled.connection;
}

function reasonOf({ by, cause, isDetached }: SpliceEnd, streams: Record<string, Duplex>): string {
  // A session with many streams outlives their targets, so only the client or the service ends it.
  if (isDetached) return 'closed by relay';
  // A failure before the streams were joined is not part of the splice's result.
  const failure = cause ?? streams[by]?.errored;
  return failure ? `${by}: ${failure.message}` : `closed by ${by}`;
}
