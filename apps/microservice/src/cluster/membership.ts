import { Disposables } from '@remote-access/streams';
import type { Broker } from './broker';
import type { ReplicaId } from './cluster';

const HEARTBEAT_MS = 1_000;

/** A replica without any sign of life for this long has died. */
const GONE_AFTER_MS = 5_000;

/**
 * A replica that was not heard for this long is asked over its direct connection, because it may
 * have lost the broker alone. Long enough for several answers before it would count as dead.
 */
const SILENT_AFTER_MS = 2_000;

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

/**
 * How long a replica that starts waits for the others: the first heartbeat, and the time after it.
 * Without the broker it then works on its own.
 */
const INTRODUCED_WITHIN_MS = HEARTBEAT_MS + SETTLE_MS + 1_000;

/** How often it looks whether it knows them. */
const LOOK_PERIOD_MS = 50;

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
  /** Replicas that the sender does not hear through the broker, but reaches directly. */
  readonly reached?: readonly ReplicaAddress[];
}

interface Known extends ReplicaAddress {
  heardAtMs: number;
  /** When it last answered over its direct connection. */
  reachedAtMs: number;
  /** When another replica last said that it reaches it directly. */
  confirmedAtMs: number;
  /** The number of its last heartbeat before it lost the broker, as it has said itself. */
  lastBeforeLoss: number;
}

/**
 * Keeps track of the replicas, from the heartbeats that each sends through the broker and, if these
 * stop, from whether it answers over a direct connection.
 */
export class Membership {
  private readonly others = new Map<ReplicaId, Known>();
  /** Replicas that have been asked over their direct connection and have not answered yet. */
  private readonly asked = new Set<ReplicaId>();
  /** The last heartbeat of each replica, also of those that are gone. */
  private readonly counts = new Map<ReplicaId, number>();
  private readonly disposables = new Disposables();
  private readonly onGone = new Set<(id: ReplicaId, hasDied: boolean) => void>();
  private readonly onBack = new Set<(awayMs: number) => void>();
  /** Whether others may have taken this replica for dead. */
  private wasAway = false;
  private beatAtMs = Infinity;
  private count = 0;
  private echoAtMs = -Infinity;
  private upSinceMs = Infinity;

  /** @param reaches whether a replica answers over its direct connection */
  constructor(
    private readonly broker: Broker,
    private readonly self: ReplicaAddress,
    private readonly reaches: (replica: ReplicaAddress) => Promise<boolean>,
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

  /**
   * Whether others may take this replica for dead: the broker delivers nothing, and not every other
   * replica answers directly. One that knows no others may be unknown to them.
   */
  get isCutOff(): boolean {
    if (this.isReachable) return false;
    const since = performance.now() - ECHO_WITHIN_MS;
    return !this.list().length || [...this.others.values()].some(one => one.reachedAtMs < since);
  }

  /** The same, without interruption since a moment of the monotonic clock. */
  wasReachableSince(sinceMs: number): boolean {
    return this.isReachable && this.upSinceMs <= sinceMs;
  }

  /** Whether all other replicas are known, because the broker has been reachable for a while. */
  get isSettled(): boolean {
    return this.isReachable && performance.now() - this.upSinceMs >= SETTLE_MS;
  }

  /** Whether a replica that is not known is certainly gone. */
  get isComplete(): boolean {
    return this.isReachable && performance.now() - this.upSinceMs >= COMPLETE_MS;
  }

  /** Resolves when this replica and the others know each other, or the broker delivers nothing. */
  introduced(): Promise<void> {
    const untilMs = performance.now() + INTRODUCED_WITHIN_MS;
    return new Promise(resolve => {
      const look = (): void => {
        if (this.isSettled || performance.now() >= untilMs) resolve();
        else this.disposables.timeout(look, LOOK_PERIOD_MS);
      };
      look();
    });
  }

  list(): readonly ReplicaAddress[] {
    return [...this.others.values()];
  }

  find(id: ReplicaId): ReplicaAddress | undefined {
    return this.others.get(id);
  }

  /** Replicas that live, but may be unable to reach the broker: it does not know what they hold. */
  offBroker(): readonly ReplicaAddress[] {
    return [...this.others.values()].filter(
      other => isSilent(other) || (this.counts.get(other.id) ?? 0) <= other.lastBeforeLoss,
    );
  }

  /** The number of the last heartbeat. */
  get beats(): number {
    return this.count;
  }

  /**
   * A replica says that it has lost the broker. Its next heartbeat shows that it is back, with its
   * subscriptions, because it sends these first.
   * @param beats the number of its last heartbeat
   */
  lostBroker(id: ReplicaId, beats: number): void {
    const other = this.others.get(id);
    if (other) other.lastBeforeLoss = beats;
  }

  /** @param listener receives whether the replica died rather than left properly */
  whenGone(listener: (id: ReplicaId, hasDied: boolean) => void): () => void {
    this.onGone.add(listener);
    return () => this.onGone.delete(listener);
  }

  /**
   * @param listener called when others hear this replica again after it was cut off or suspended;
   *   receives for how long they have not
   */
  whenBack(listener: (awayMs: number) => void): () => void {
    this.onBack.add(listener);
    return () => this.onBack.delete(listener);
  }

  private beat(): void {
    const pausedMs = performance.now() - this.beatAtMs;
    this.beatAtMs = performance.now();
    if (this.isCutOff || pausedMs > ECHO_WITHIN_MS) this.wasAway = true;
    if (!this.isReachable) this.upSinceMs = Infinity;
    this.say();
    if (!this.isSettled) {
      // If nobody, or not everybody, can be heard yet, silence means nothing.
      if (this.isReachable) this.broker.publish('hello', {});
      for (const other of this.others.values()) {
        other.heardAtMs = performance.now();
        if (!this.isReachable) void this.reach(other);
      }
      return;
    }
    const limit = performance.now() - GONE_AFTER_MS;
    for (const other of this.others.values()) {
      const { id, heardAtMs, reachedAtMs, confirmedAtMs } = other;
      if (Math.max(heardAtMs, reachedAtMs, confirmedAtMs) < limit) this.remove(id, true);
      else if (isSilent(other)) void this.reach(other);
    }
  }

  /** Asks a replica over its direct connection. One that is not known yet is added. */
  private async reach({ id, host, port }: ReplicaAddress): Promise<void> {
    if (this.asked.has(id)) return;
    this.asked.add(id);
    const count = this.counts.get(id);
    const isReached = await this.reaches({ id, host, port }).catch(() => false);
    this.asked.delete(id);
    // One that has left in the meantime was heard.
    if (!isReached || this.counts.get(id) !== count) return;
    const other = this.others.get(id) ?? newcomer({ id, host, port });
    other.reachedAtMs = performance.now();
    this.others.set(id, other);
  }

  private say(): void {
    this.count += 1;
    const since = performance.now() - SILENT_AFTER_MS;
    const reached = [...this.others.values()].filter(({ reachedAtMs }) => reachedAtMs >= since);
    this.broker.publish('presence', {
      ...this.self,
      count: this.count,
      sentAtMs: performance.now(),
      ...(reached.length > 0 && {
        reached: reached.map(({ id, host, port }) => ({ id, host, port })),
      }),
    });
  }

  private heard(message: unknown): void {
    if (!isHeartbeat(message)) return;
    const { id, host, port, count, sentAtMs, leaving, reached = [] } = message;
    if (id === this.self.id) {
      const { isReachable: wasReachable, echoAtMs: lastAtMs } = this;
      // The time of sending: after being suspended, the process must not take old messages for a
      // sign of life.
      this.echoAtMs = Math.max(this.echoAtMs, sentAtMs);
      if (this.isReachable && !wasReachable) {
        this.upSinceMs = performance.now();
        // Nobody has missed a replica that has just started.
        if (this.wasAway && lastAtMs !== -Infinity) {
          for (const listener of this.onBack) listener(this.upSinceMs - lastAtMs);
        }
        this.wasAway = false;
      }
      return;
    }
    // A replayed old message neither keeps a replica nor brings it back.
    if (count <= (this.counts.get(id) ?? 0)) return;
    this.counts.set(id, count);
    if (leaving) return this.remove(id, false);
    const other = this.others.get(id) ?? newcomer({ id, host, port });
    other.heardAtMs = performance.now();
    this.others.set(id, other);
    for (const one of reached) this.reachedByAnother(one);
  }

  private reachedByAnother(replica: ReplicaAddress): void {
    if (replica.id === this.self.id) return;
    const known = this.others.get(replica.id);
    if (known) known.confirmedAtMs = performance.now();
    else void this.reach(replica);
  }

  private remove(id: ReplicaId, hasDied: boolean): void {
    if (!this.others.delete(id)) return;
    for (const listener of this.onGone) listener(id, hasDied);
  }
}

function newcomer({ id, host, port }: ReplicaAddress): Known {
  const never = -Infinity;
  const times = { heardAtMs: never, reachedAtMs: never, confirmedAtMs: never };
  return { id, host, port, ...times, lastBeforeLoss: -1 };
}

function isSilent({ heardAtMs }: Known): boolean {
  return performance.now() - heardAtMs >= SILENT_AFTER_MS;
}

function isHeartbeat(message: unknown): message is Heartbeat {
  if (typeof message !== 'object' || message === null) return false;
  const { count, sentAtMs, reached = [] } = message as Partial<Record<string, unknown>>;
  return (
    isAddress(message) &&
    typeof count === 'number' &&
    typeof sentAtMs === 'number' &&
    Array.isArray(reached) &&
    reached.every(isAddress)
  );
}

function isAddress(value: unknown): value is ReplicaAddress {
  if (typeof value !== 'object' || value === null) return false;
  const { id, host, port } = value as Partial<Record<string, unknown>>;
  return typeof id === 'string' && typeof host === 'string' && typeof port === 'number';
}
