import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type LocalStack } from '@remote-access/testkit';
import { residentMebibytes } from './process-usage';
import { median } from './ratios';

const ROUNDS = 7;

/** After this, the first requests are over and the figure is stable. */
const SETTLE_MS = 3_000;

const GOALS = { mebibytes: 25, seconds: 1 };

type Transport = 'rest' | 'mqtt';

/**
 * The time from the start of an agent until it receives operations, and its memory when idle, compared with a Node.js
 * process that does nothing.
 *
 * @param start starts an agent, and resolves when it is ready
 */
export async function measureAgentStart(
  stack: LocalStack,
  start: (env: Readonly<Record<string, string>>) => Promise<ChildProcess>,
): Promise<void> {
  const ready: Record<Transport, number[]> = { rest: [], mqtt: [] };
  const resident: Record<Transport | 'bare', number[]> = { rest: [], mqtt: [], bare: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    resident.bare.push(await residentWhenIdle(spawn(process.execPath, ['-e', BARE])));
    for (const transport of ['rest', 'mqtt'] as const) {
      const startedMs = performance.now();
      const child = await start({ TRANSPORT: transport, MQTT_URL: stack.description.mqtt });
      ready[transport].push((performance.now() - startedMs) / 1000);
      resident[transport].push(await residentWhenIdle(child));
    }
  }
  const bare = median(resident.bare);
  for (const transport of ['rest', 'mqtt'] as const) {
    const more = median(resident[transport]) - bare;
    console.log(
      `${transport}: ready after ${median(ready[transport]).toFixed(2)} s (goal: at most ${GOALS.seconds}); when idle ` +
        `${median(resident[transport]).toFixed(1)} MiB resident, ${more.toFixed(1)} more than Node.js alone ` +
        `(goal: at most ${GOALS.mebibytes})`,
    );
  }
}

const BARE = 'setInterval(() => undefined, 60_000)';

/** Ends the process. */
async function residentWhenIdle(child: ChildProcess): Promise<number> {
  await pause(SETTLE_MS);
  const mebibytes = residentMebibytes(child.pid);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return mebibytes;
}
