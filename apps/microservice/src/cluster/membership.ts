import { Disposables } from '@remote-access/streams';
import type { Broker } from './broker';
import type { ReplicaId } from './cluster';

const HEARTBEAT_MS = 1_000;

/** A replica that was not heard for this long has died, or cannot reach the broker. */
const GONE_AFTER_MS = 5_000;

/**
 * Our own heartbeat comes back through the broker. If it does not, we cannot hear other replicas
 * either. Shorter than {@link GONE_AFTER_MS}, so that a replica gives up its leases before others
 * consider it gone.
 */
const ECHO_WITHIN_MS = 3_000;

/** Once the broker is reachable, all other replicas are heard within this time. */
const SETTLE_MS = 2_000;

/**
 * The same if a replica needs as long as possible to reach the broker again: it notices that two
 * pings of 2 s were not answered only after up to 6 s, or its attempt to connect takes 5 s; then
 * come the pause and the next heartbeat.
 */
const COMPLETE_MS = 10_000;

/** The address at which other replicas reach this one. */
export interface ReplicaAddress {
  readonly id: ReplicaId;
  readonly host: string;
  readonly port: number;
}

interface Heartbeat extends ReplicaAddress {
  readonly count: number;
  /** On the sender's own clock; used when the message returns to the sender. */
  readonly sentAtMs: number;
  readonly leaving?: boolean;
}

interface Known extends ReplicaAddress {
  heardAtMs: number;
}

/** Keeps track of the replicas, from the heartbeats that each sends through the broker. */
export class Membership {
  private readonly others = new Map<ReplicaId, Known>();
  /** The last heartbeat of each replica, also of those that are gone. */
  private readonly counts = new Map<ReplicaId, number>();
  private readonly disposables = new Disposables();
  private readonly onGone = new Set<(id: ReplicaId, hasDied: boolean) => void>();
  private count = 0;
  private echoAtMs = -Infinity;
  private upSinceMs = Infinity;

  constructor(
    private readonly broker: Broker,
    private readonly self: ReplicaAddress,
  ) {}

  start(): void {
    this.disposables.add(this.broker.subscribe('presence', message => this.heard(message)));
    this.disposables.add(this.broker.subscribe('hello', () => this.say()));
    this.disposables.interval(() => this.beat(), HEARTBEAT_MS);
  }

  /** Informs the others, so that they need not wait for a timeout. */
  async stop(): Promise<void> {
    this.disposables.dispose();
    this.broker.publish('presence', {
      ...this.self,
      count: this.count + 1,
      sentAtMs: performance.now(),
      leaving: true,
    });
    await this.broker.flush();
  }

  /** Whether the broker currently delivers our messages. */
  get isReachable(): boolean {
    return performance.now() - this.echoAtMs < ECHO_WITHIN_MS;
  }

  /** Whether all other replicas are known, because the broker has been reachable for a while. */
  get isSettled(): boolean {
    return this.isReachable && performance.now() - this.upSinceMs >= SETTLE_MS;
  }

  /** Whether a replica that is not known is certainly gone. */
  get isComplete(): boolean {
    return this.isReachable && performance.now() - this.upSinceMs >= COMPLETE_MS;
  }

  list(): readonly ReplicaAddress[] {
    return [...this.others.values()];
  }

  find(id: ReplicaId): ReplicaAddress | undefined {
    return this.others.get(id);
  }

  /** Whether this is the one of the remaining replicas that acts for a dead one. */
  get isFirst(): boolean {
    return [...this.others.keys()].every(id => this.self.id < id);
  }

  /** @param listener receives whether the replica died rather than left properly */
  whenGone(listener: (id: ReplicaId, hasDied: boolean) => void): () => void {
    this.onGone.add(listener);
    return () => this.onGone.delete(listener);
  }

  private beat(): void {
    if (!this.isReachable) this.upSinceMs = Infinity;
    this.say();
    if (!this.isSettled) {
      // If nobody, or not everybody, can be heard yet, silence means nothing.
      if (this.isReachable) this.broker.publish('hello', {});
      for (const other of this.others.values()) other.heardAtMs = performance.now();
      return;
    }
    const limit = performance.now() - GONE_AFTER_MS;
    for (const { id, heardAtMs } of this.others.values()) {
      if (heardAtMs < limit) this.remove(id, true);
    }
  }

  private say(): void {
    this.count += 1;
    this.broker.publish('presence', {
      ...this.self,
      count: this.count,
      sentAtMs: performance.now(),
    });
  }

  private heard(message: unknown): void {
    if (!isHeartbeat(message)) return;
    const { id, host, port, count, sentAtMs, leaving } = message;
    if (id === this.self.id) {
      // The time of sending: after being suspended, the process must not take old messages for a
      // sign of life.
      this.echoAtMs = Math.max(this.echoAtMs, sentAtMs);
      if (this.isReachable && this.upSinceMs === Infinity) this.upSinceMs = performance.now();
      return;
    }
    // A replayed old message neither keeps a replica nor brings it back.
    if (count <= (this.counts.get(id) ?? 0)) return;
    this.counts.set(id, count);
    if (leaving) this.remove(id, false);
    else this.others.set(id, { id, host, port, heardAtMs: performance.now() });
  }

  private remove(id: ReplicaId, hasDied: boolean): void {
    if (!this.others.delete(id)) return;
    for (const listener of this.onGone) listener(id, hasDied);
  }
}

function isHeartbeat(message: unknown): message is Heartbeat {
  if (typeof message !== 'object' || message === null) return false;
  const { id, host, port, count, sentAtMs } = message as Partial<Record<string, unknown>>;
  return (
    typeof id === 'string' &&
    typeof host === 'string' &&
    typeof port === 'number' &&
    typeof count === 'number' &&
    typeof sentAtMs === 'number'
  );
}
