import { setTimeout as pause } from 'node:timers/promises';
import type { Measurement } from './measurement';
import { outputOf, type Terminal } from './terminal';

/** Pause between keys: nothing of the previous one is in flight, and no timer has this period. */
const PAUSE_MS = 15;

/** The kernel's line editing holds at most 4096 characters per line. */
const KEYS_PER_LINE = 1000;

/** The terminals take turns to type one key and wait for its echo, so all run under the same load. */
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
