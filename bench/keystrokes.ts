import { setTimeout as pause } from 'node:timers/promises';
import type { Measurement } from './measurement';
import { outputOf, type Terminal } from './terminal';

/** Between two keys, so that nothing is still under way and nobody's timer is met by design. */
const PAUSE_MS = 15;

/** The kernel's line editing takes 4096 characters before it wants an Enter. */
const KEYS_PER_LINE = 1000;

/** Each terminal types one key and waits for its echo, in turn, so that all meet the same machine. */
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
