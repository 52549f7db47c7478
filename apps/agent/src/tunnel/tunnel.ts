import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { splice, type SpliceEnd } from '@remote-access/streams';
import type { ConnectTask } from '../inbox/inbox';
import type { Log } from '../log/log';
import { type Dialled, type TargetDialler } from '../targets/target-dialler';
import { describeTarget, parseTarget, type Target } from '../targets/target';
import type { Relay, RelayDialler } from './relay-dialler';

/** What every tunnel of an agent works with. */
export interface TunnelTools {
  readonly relays: Pick<RelayDialler, 'dial'>;
  readonly targets: Pick<TargetDialler, 'dial'>;
  readonly log: Log;
}

/**
 * One tunnel between the remote access service and a target:
 *
 * 1. EXECUTING is told, and both ends are dialled, all at the same time;
 * 2. what comes early waits in the streams' own buffers, and then in the sender's;
 * 3. when both ends are there, bytes flow at once, and SUCCESSFUL is told beside them;
 * 4. when one fails, FAILED is told before the other is closed, so that the service knows the
 *    reason by the time it sees the end.
 */
export class Tunnel {
  private readonly ending = new AbortController();
  private stopReason = '';

  constructor(
    private readonly task: ConnectTask,
    private readonly tools: TunnelTools,
  ) {}

  /** Ends it; who is still waiting for it is told the reason. */
  stop(reason: string): void {
    this.stopReason ||= reason;
    this.ending.abort();
  }

  /** Runs it to its end; never rejects. */
  async run(): Promise<void> {
    const told = [this.tell('EXECUTING', this.task.executing())];
    const target = parseTarget(this.task.hostname, this.task.port);
    if (typeof target === 'string') {
      await this.fail(`bad target: ${target}`);
      return;
    }
    const ends = await this.dialBoth(target);
    if ('refusal' in ends) {
      await this.fail(this.stopReason || ends.refusal, target);
      ends.relay?.refuse(this.stopReason || ends.refusal);
      ends.socket?.destroy();
      return;
    }
    told.push(this.tell('SUCCESSFUL', this.task.successful()));
    await this.join(ends.relay, ends.socket, target);
    await Promise.all(told);
  }

  private async dialBoth(target: Target): Promise<BothEnds | OneEnd> {
    const dialling = new AbortController();
    const abandon = (): void => dialling.abort();
    this.ending.signal.addEventListener('abort', abandon, { once: true });
    if (this.ending.signal.aborted) abandon();
    let refusal: string | undefined;
    const refuse = (reason: string): void => {
      refusal ??= reason;
      abandon();
    };
    const [relay, socket] = await Promise.all([
      this.tools.relays.dial(this.task.connectionKey, dialling.signal).then(dialled => {
        dialled.connection?.socket.once('close', () => refuse(CLOSED_EARLY));
        return connectionIn(dialled, refuse);
      }),
      this.tools.targets
        .dial(target, dialling.signal)
        .then(dialled => connectionIn(dialled, refuse)),
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
    this.tools.log('session started', { operation: this.task.id, target: where });
    const stopHeartbeat = relay.keepAlive();
    const cut = (): void => {
      relay.refuse(this.stopReason);
      socket.destroy();
    };
    this.ending.signal.addEventListener('abort', cut, { once: true });
    const names = ['relay', 'target'] as const;
    const end = await splice(relay.stream, socket, { names, gathers: true });
    stopHeartbeat();
    this.ending.signal.removeEventListener('abort', cut);
    this.tools.log('session ended', {
      operation: this.task.id,
      target: where,
      toTargetBytes: end.bytes[0],
      fromTargetBytes: end.bytes[1],
      durationMs: Math.round(performance.now() - startedMs),
      reason: this.stopReason || reasonOf(end, { relay: relay.stream, target: socket }),
    });
  }

  private async fail(reason: string, target?: Target): Promise<void> {
    this.tools.log('session failed', {
      operation: this.task.id,
      ...(target && { target: describeTarget(target) }),
      reason,
    });
    await this.tell('FAILED', this.task.failed(reason));
  }

  /** Bytes do not wait for it, nor end with it. */
  private tell(status: string, told: Promise<void>): Promise<void> {
    return told.catch((cause: unknown) => {
      const reason = (cause as Error).message;
      this.tools.log('status not told', { operation: this.task.id, status, reason });
    });
  }
}

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

function reasonOf({ by, cause }: SpliceEnd, streams: Record<string, Duplex>): string {
  // What failed before the streams were joined has told nobody yet.
  const failure = cause ?? streams[by]?.errored;
  return failure ? `${by}: ${failure.message}` : `closed by ${by}`;
}
