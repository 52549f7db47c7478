import type { EndpointCondition, GatewayCondition } from '@remote-access/contracts';

/** Frequent enough to notice a deteriorating connection, rare enough to cost nothing. */
const PING_EVERY_MS = 2000;

/**
 * If a ping is unanswered for this long, the connection is unstable: keystrokes will not echo soon.
 */
const UNSTABLE_AFTER_MS = 1500;

/** Four minutes of samples: a bad one counts for a while, but not forever. */
const SAMPLES = 120;

/** What the service reports about the hops behind it. */
export interface Hops {
  /** `undefined` before the gateway has connected, and for agents that do not answer pings. */
  readonly gateway?: GatewayCondition | undefined;
  /** Round trip from the service to the gateway. */
  readonly gatewayMs?: number | undefined;
  /** `undefined` if the protocol cannot probe the endpoint, and before its first answer. */
  readonly endpoint?: EndpointCondition | undefined;
  /** Round trip from the service through the gateway to the endpoint. */
  readonly endpointMs?: number | undefined;
}

/** Round trips from this page to the remote access service, and beyond it. */
export interface Latency {
  /** The latest value; `undefined` before the first measurement. */
  readonly nowMs: number | undefined;
  /** The 95th percentile of the last few minutes. */
  readonly p95Ms: number | undefined;
  /** Whether a ping has been unanswered for too long. */
  readonly unstable: boolean;
  /** As of the latest response. */
  readonly hops: Hops;
}

export interface LatencyMeterOptions {
  ping(id: number): void;
  nowMs(): number;
  changed(latency: Latency): void;
}

/** Measures the round trip while it runs, with one ping in flight at a time. */
export class LatencyMeter {
  private samplesMs: number[] = [];
  private lastId = 0;
  private pending: { id: number; sentAtMs: number; counts: boolean } | undefined;
  private unstable = false;
  private hops: Hops = {};
  private isOpening = false;
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private unstableTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LatencyMeterOptions) {}

  /** @param isOpening whether the session is not open yet: such round trips are not counted */
  run(isOpening: boolean): void {
    const hasOpened = this.isOpening && !isOpening;
    this.isOpening = isOpening;
    if (this.pingTimer !== undefined) {
      if (hasOpened) this.pingAgain();
      return;
    }
    this.ping();
    this.pingTimer = setInterval(() => this.ping(), PING_EVERY_MS);
  }

  /**
   * Drops the pending ping: browsers delay the timers of a hidden page, which would distort the
   * result.
   */
  pause(): void {
    clearInterval(this.pingTimer);
    clearTimeout(this.unstableTimer);
    this.pingTimer = undefined;
    this.pending = undefined;
  }

  /** Forgets all samples, for a new session. */
  reset(): void {
    this.pause();
    this.samplesMs = [];
    this.unstable = false;
    this.hops = {};
    this.notify();
  }

  pong(id: number, hops: Hops): void {
    if (this.pending?.id !== id) return;
    clearTimeout(this.unstableTimer);
    const roundTripMs = this.options.nowMs() - this.pending.sentAtMs;
    if (this.pending.counts) this.samplesMs = [...this.samplesMs, roundTripMs].slice(-SAMPLES);
    this.hops = hops;
    this.pending = undefined;
    this.unstable = false;
    this.notify();
  }

  /** Replaces the pending ping, so that the first round trip that counts is measured at once. */
  private pingAgain(): void {
    clearTimeout(this.unstableTimer);
    this.pending = undefined;
    this.ping();
  }

  private ping(): void {
    if (this.pending) return;
    const sentAtMs = this.options.nowMs();
    this.pending = { id: ++this.lastId, sentAtMs, counts: !this.isOpening };
    this.unstableTimer = setTimeout(() => {
      this.unstable = true;
      this.notify();
    }, UNSTABLE_AFTER_MS);
    this.options.ping(this.lastId);
  }

  private notify(): void {
    const sorted = [...this.samplesMs].sort((a, b) => a - b);
    this.options.changed({
      nowMs: this.samplesMs.at(-1),
      p95Ms: sorted[Math.ceil(sorted.length * 0.95) - 1],
      unstable: this.unstable,
      hops: this.hops,
    });
  }
}
