import { Heartbeat, type HeartbeatOptions, PooledTask } from '@remote-access/streams';
import type { ClientSide } from './client-side';

/** A browser tab that was suspended is noticed within a minute. */
const CLIENT_PING_PERIOD_MS = 15_000;

const MAX_UNANSWERED_PINGS = 2;

/**
 * A session that is idle or stalled is noticed within a twentieth of its timeout, at most 15 s
 * late.
 */
const CHECKS_PER_TIMEOUT = 20;
const MAX_CHECK_PERIOD_MS = 15_000;

/** Time to read the warning and respond. */
const WARN_BEFORE_MS = 60_000;

export interface SessionLimits {
  /** A session without traffic for this long ends. */
  readonly idleTimeoutMs: number;
  /** How long a session may last; 0 for no limit. */
  readonly maxDurationMs: number;
  /** A session ends if one side has accepted none of its pending data for this long. */
  readonly stalledReaderMs: number;
}

/** Shared by all clients. */
const CLIENT_HEARTBEAT: HeartbeatOptions = {
  periodMs: CLIENT_PING_PERIOD_MS,
  maxUnanswered: MAX_UNANSWERED_PINGS,
  expectsPong: true,
  pings: 'when-silent',
  onDead: ({ socket }) => socket.terminate(),
};

/** The counters that reveal a stall, as provided by `WebSocketDuplex`. */
export interface Reader {
  readonly unsentBytes: number;
  readonly bytesTaken: number;
}

/** What limits belong to. They are classes with an owner, because every idle session has them. */
export interface LimitOwner {
  /** The client's bytes in both directions. */
  readonly transferredBytes: number;
  onIdle(): void;
  onNearlyIdle(inMs: number): void;
  /** The session is no longer idle; called on activity after a warning. */
  onUsed(): void;
  onExpired(): void;
  onNearlyExpired(inMs: number): void;
  /** Bytes are pending for a reader that has accepted none for a while. */
  onStalled(): void;
}

/** Detects a client whose network is gone, and one that accepts no data. */
export class ClientWatch {
  private readonly stall: StallWatch;
  private readonly heartbeat: Heartbeat;

  constructor(side: ClientSide, stalledReaderMs: number, owner: Pick<LimitOwner, 'onStalled'>) {
    this.stall = new StallWatch(side, stalledReaderMs, owner);
    this.heartbeat = new Heartbeat(side, CLIENT_HEARTBEAT);
  }

  stop(): void {
    this.stall.stop();
    this.heartbeat.stop();
  }
}

/** A minute before the end; short limits warn after half of their time. */
function warningTime(limitMs: number): number {
  return Math.min(WARN_BEFORE_MS, limitMs / 2);
}

function checkPeriod(timeoutMs: number): number {
  return Math.min(Math.ceil(timeoutMs / CHECKS_PER_TIMEOUT), MAX_CHECK_PERIOD_MS);
}

/**
 * Detects that a counter has not changed for a while, and warns in advance. It polls, so that
 * counting a byte costs nothing, and uses a monotonic clock.
 */
export class IdleWatch extends PooledTask {
  private seen: number;
  private since = performance.now();
  private isWarned = false;

  constructor(
    private readonly owner: Pick<
      LimitOwner,
      'transferredBytes' | 'onIdle' | 'onNearlyIdle' | 'onUsed'
    >,
    private readonly timeoutMs: number,
  ) {
    super(checkPeriod(timeoutMs));
    this.seen = owner.transferredBytes;
  }

  /** Counts as activity, like a change of the counter. */
  used(): void {
    this.since = performance.now();
    if (!this.isWarned) return;
    this.isWarned = false;
    this.owner.onUsed();
  }

  protected override look(): void {
    const current = this.owner.transferredBytes;
    if (current !== this.seen) {
      this.seen = current;
      this.used();
      return;
    }
    const leftMs = this.timeoutMs - (performance.now() - this.since);
    if (leftMs <= 0) return this.owner.onIdle();
    // The next check may come too late to give the full warning time.
    const isNear = leftMs <= warningTime(this.timeoutMs) + checkPeriod(this.timeoutMs);
    if (isNear && !this.isWarned) {
      this.isWarned = true;
      this.owner.onNearlyIdle(leftMs);
    }
  }
}

/** Detects that a session has lasted as long as it may, and warns in advance. */
export class DurationLimit {
  private timer: NodeJS.Timeout;

  constructor(
    private readonly owner: Pick<LimitOwner, 'onExpired' | 'onNearlyExpired'>,
    maxDurationMs: number,
  ) {
    const warningMs = warningTime(maxDurationMs);
    this.timer = setTimeout(() => this.warn(warningMs), maxDurationMs - warningMs);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private warn(leftMs: number): void {
    this.timer = setTimeout(() => this.owner.onExpired(), leftMs);
    this.owner.onNearlyExpired(leftMs);
  }
}

/** Detects that bytes are pending for a reader that has accepted none for a while. */
export class StallWatch extends PooledTask {
  private taken: number;
  private since = performance.now();

  constructor(
    private readonly reader: Reader,
    private readonly timeoutMs: number,
    private readonly owner: Pick<LimitOwner, 'onStalled'>,
  ) {
    super(checkPeriod(timeoutMs));
    this.taken = reader.bytesTaken;
  }

  protected override look(): void {
    const { unsentBytes, bytesTaken } = this.reader;
    if (unsentBytes === 0 || bytesTaken !== this.taken) {
      this.taken = bytesTaken;
      this.since = performance.now();
    } else if (performance.now() - this.since >= this.timeoutMs) {
      this.owner.onStalled();
    }
  }
}
