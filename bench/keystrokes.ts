import { setTimeout as pause } from 'node:timers/promises';
import type { Measurement } from './measurement';
import { outputOf, type Terminal } from './terminal';

/**
 * Pause between keys: long enough that nothing of the previous one is in flight, and not the period
 * of any timer.
 */
const PAUSE_MS = 15;

/** The kernel's line editing holds at most 4096 characters per line. */
const KEYS_PER_LINE = 1000;

/**
 * The terminals take turns typing one key and waiting for its echo, so that all run under the same
 * load.
 */
export async function measureKeystrokes(
  typists: readonly { terminal: Terminal; measurement: Measurement }[],
  keys: number,
): Promise<void> {
  for (let key = 1; key <= keys; key += 1) {
    for (const { terminal, measurement } of typists) {
      await measurement.take(async () => {
        const echo = outputOf(terminal, /x/);
        terminal.type('x');
        await echo;
      });
      if (key % KEYS_PER_LINE === 0) terminal.type('\n');
      await pause(PAUSE_MS);
    }
  }
}
