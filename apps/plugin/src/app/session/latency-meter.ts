/** Often enough that a line which gets worse is seen, seldom enough to cost nothing. */
const PING_EVERY_MS = 2000;

/** Without an answer for so long, what is typed will not be seen soon: the line is called unstable. */
const UNSTABLE_AFTER_MS = 1500;

/** Four minutes: a bad one is not forgotten at once, nor held against the line for ever. */
const SAMPLES = 120;

/** Round trips between this page and the remote access service. */
export interface Latency {
  /** The newest; `undefined` until one was measured. */
  readonly nowMs: number | undefined;
  /** 95 of 100 of the last minutes were faster. */
  readonly p95Ms: number | undefined;
  /** A question has been without an answer for too long. */
  readonly unstable: boolean;
}

/** What the meter needs of a session. */
export interface PingPorts {
  ping(id: number): void;
  nowMs(): number;
  changed(latency: Latency): void;
}

/** Measures the round trip while it runs: one question at a time. */
export class LatencyMeter {
  private samplesMs: number[] = [];
  private lastId = 0;
  private asked: { id: number; atMs: number } | undefined;
  private unstable = false;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private doubting: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ports: PingPorts) {}

  run(): void {
    if (this.ticking !== undefined) return;
    this.ask();
    this.ticking = setInterval(() => this.ask(), PING_EVERY_MS);
  }

  /** A question that is open is forgotten: timers of a hidden page run late, and would lie. */
  pause(): void {
    clearInterval(this.ticking);
    clearTimeout(this.doubting);
    this.ticking = undefined;
    this.asked = undefined;
  }

  /** Begins anew, for another session. */
  reset(): void {
    this.pause();
    this.samplesMs = [];
    this.unstable = false;
    this.tell();
  }

  pong(id: number): void {
    if (this.asked?.id !== id) return;
    clearTimeout(this.doubting);
    this.samplesMs = [...this.samplesMs, this.ports.nowMs() - this.asked.atMs].slice(-SAMPLES);
    this.asked = undefined;
    this.unstable = false;
    this.tell();
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = { id: ++this.lastId, atMs: this.ports.nowMs() };
    this.doubting = setTimeout(() => {
      this.unstable = true;
      this.tell();
    }, UNSTABLE_AFTER_MS);
    this.ports.ping(this.lastId);
  }

  private tell(): void {
    const sorted = [...this.samplesMs].sort((a, b) => a - b);
    this.ports.changed({
      nowMs: this.samplesMs.at(-1),
      p95Ms: sorted[Math.ceil(sorted.length * 0.95) - 1],
      unstable: this.unstable,
    });
  }
}
