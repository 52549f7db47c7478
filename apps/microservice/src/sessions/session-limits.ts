import type { ClosingCause, ErrorCode } from '@remote-access/contracts';
import { type Disposables, PooledTask, startHeartbeat } from '@remote-access/streams';
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

/** Events for the owner of a session. */
export interface LimitEvents {
  readonly onExceeded: (code: ErrorCode) => void;
  readonly onClosing: (cause: ClosingCause, inMs: number) => void;
  /** The session is no longer idle. */
  readonly onStays: () => void;
}

/**
 * Starts the limits that apply for as long as a session runs.
 * @param bytes counts the client's bytes in both directions
 * @returns a function that counts as activity
 */
export function startLimits(
  limits: Disposables,
  bytes: () => number,
  { idleTimeoutMs, maxDurationMs }: SessionLimits,
  { onExceeded, onClosing, onStays }: LimitEvents,
): () => void {
  if (maxDurationMs > 0) {
    const inMs = warningTime(maxDurationMs);
    limits.timeout(() => onClosing('duration', inMs), maxDurationMs - inMs);
    limits.timeout(() => onExceeded('session-expired'), maxDurationMs);
  }
  const idle = new IdleWatch(bytes, idleTimeoutMs, {
    onIdle: () => onExceeded('idle-timeout'),
    onNearlyIdle: inMs => onClosing('idle', inMs),
    onUsed: onStays,
  });
  limits.add(() => idle.stop());
  return () => idle.used();
}

/**
 * Detects a client whose network is gone, and one that accepts no data.
 * @returns a function that stops it early
 */
export function watchClient(
  limits: Disposables,
  clientSide: ClientSide,
  stalledReaderMs: number,
  onStalled: () => void,
): () => void {
  const stopStall = limits.add(startStallWatch(clientSide, stalledReaderMs, onStalled));
  const stopHeartbeat = limits.add(
    startHeartbeat(clientSide, {
      periodMs: CLIENT_PING_PERIOD_MS,
      maxUnanswered: MAX_UNANSWERED_PINGS,
      expectsPong: true,
      pings: 'when-silent',
      onDead: () => clientSide.socket.terminate(),
    }),
  );
  return () => {
    stopStall();
    stopHeartbeat();
  };
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
    private readonly count: () => number,
    private readonly timeoutMs: number,
    private readonly events: {
      readonly onIdle: () => void;
      readonly onNearlyIdle: (inMs: number) => void;
      /** Called on activity after a warning. */
      readonly onUsed: () => void;
    },
  ) {
    super(checkPeriod(timeoutMs));
    this.seen = count();
  }

  /** Counts as activity, like a change of the counter. */
  used(): void {
    this.since = performance.now();
    if (!this.isWarned) return;
    this.isWarned = false;
    this.events.onUsed();
  }

  protected override look(): void {
    const current = this.count();
    if (current !== this.seen) {
      this.seen = current;
      this.used();
      return;
    }
    const leftMs = this.timeoutMs - (performance.now() - this.since);
    if (leftMs <= 0) return this.events.onIdle();
    // The next check may come too late to give the full warning time.
    const isNear = leftMs <= warningTime(this.timeoutMs) + checkPeriod(this.timeoutMs);
    if (isNear && !this.isWarned) {
      this.isWarned = true;
      this.events.onNearlyIdle(leftMs);
    }
  }
}

/** The counters that reveal a stall, as provided by `WebSocketDuplex`. */
interface Reader {
  readonly writableLength: number;
  readonly bytesTaken: number;
}

class StallWatch extends PooledTask {
  private taken: number;
  private since = performance.now();

  constructor(
    private readonly reader: Reader,
    private readonly timeoutMs: number,
    private readonly onStalled: () => void,
  ) {
    super(checkPeriod(timeoutMs));
    this.taken = reader.bytesTaken;
  }

  protected override look(): void {
    const { writableLength, bytesTaken } = this.reader;
    if (writableLength === 0 || bytesTaken !== this.taken) {
      this.taken = bytesTaken;
      this.since = performance.now();
    } else if (performance.now() - this.since >= this.timeoutMs) {
      this.onStalled();
    }
  }
}

/**
 * Calls back when bytes are pending for a reader that has accepted none for a while.
 * @returns a function that stops it
 */
export function startStallWatch(
  reader: Reader,
  timeoutMs: number,
  onStalled: () => void,
): () => void {
  const watch = new StallWatch(reader, timeoutMs, onStalled);
  return () => watch.stop();
}
