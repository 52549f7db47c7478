import { monitorEventLoopDelay } from 'node:perf_hooks';

/** In milliseconds, beyond the interval between two looks. */
export interface LoopDelay {
  readonly mostMs: number;
  readonly p99Ms: number;
}

/** How often the loop is looked at: shorter stalls than this are not seen. */
const RESOLUTION_MS = 5;

// Loaded into a program before it starts (`node --require`): each message begins a new period and is
// answered with the figures of the one before.
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on('message', () => {
  const beyond = (nanoseconds: number): number =>
    Math.max(0, nanoseconds / 1_000_000 - RESOLUTION_MS);
  process.send?.({ mostMs: beyond(delay.max), p99Ms: beyond(delay.percentile(99)) });
  delay.reset();
});
