import type { GatewayCondition } from '@remote-access/contracts';

/** Frequent enough to notice a worsening connection, rare enough to cost nothing. */
const PING_EVERY_MS = 2000;

/** A ping unanswered for this long makes the connection unstable: keystrokes will not echo soon. */
const UNSTABLE_AFTER_MS = 1500;

/** Four minutes of samples: a bad one counts for a while, but not forever. */
const SAMPLES = 120;

/** What the service says about the hops behind it. */
export interface Hops {
  /** `undefined` before the gateway has connected, and for agents that answer no pings. */
  readonly gateway?: GatewayCondition | undefined;
  /** From the service to the gateway. */
  readonly gatewayMs?: number | undefined;
  /** From the service through the gateway to the endpoint. */
  readonly endpointMs?: number | undefined;
}

/** Round trips between this page and the remote access service, and behind it. */
export interface Latency {
  /** The latest one; `undefined` before the first measurement. */
  readonly nowMs: number | undefined;
  /** The 95th percentile of the last minutes. */
  readonly p95Ms: number | undefined;
  /** Whether a ping has been unanswered for too long. */
  readonly unstable: boolean;
  /** As of the latest answer. */
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

  /** Drops the pending ping: browsers delay the timers of a hidden page, which would distort it. */
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

  /** The first round trip that counts is not waited for. */
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
