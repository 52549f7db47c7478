import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Delays beyond the sampling interval. */
export interface LoopDelay {
  readonly mostMs: number;
  readonly p99Ms: number;
}

/** Sampling interval. Shorter stalls are not detected. */
const RESOLUTION_MS = 5;

// Preloaded into a program (`node --require`). Each message is answered with the figures since the
// previous one.
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on('message', () => {
  const beyond = (nanoseconds: number): number =>
    Math.max(0, nanoseconds / 1_000_000 - RESOLUTION_MS);
  process.send?.({ mostMs: beyond(delay.max), p99Ms: beyond(delay.percentile(99)) });
  delay.reset();
});
