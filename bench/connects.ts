import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Operation } from '@remote-access/contracts/platform';
import { LocalStack, NodeInspector } from '@remote-access/testkit';
import type { BenchEntry } from './entry';
import { liveBytes } from './live-memory';
import { PassthroughSessions, type Service, serviceOf, streamOf } from './relay-sessions';

/** `CONNECTS=1000` for a quick run. */
const CONNECTS = Number(process.env['CONNECTS'] ?? 12_000);
const AT_ONCE = 50;
const WARM_UP = 500;

/** By then operations are finished and unused connections to the platform are closed. */
const SETTLE_MS = 60_000;

const GOAL_PER_SECOND = 50;

const TIMERS = `process.getActiveResourcesInfo().filter(name => name === 'Timeout').length`;

/** What must be the same before and after. */
interface Held {
  readonly liveBytes: number;
  readonly sockets: number;
  readonly timers: number;
}

/**
 * Many sequential sessions, each of which transfers a byte and ends; measures what they leave
 * behind.
 */
export const connects: BenchEntry = {
  name: 'connects',
  async run() {
    const stack = await LocalStack.start();
    try {
      await measure(stack);
    } finally {
      await stack.stop();
    }
  },
};

async function measure(stack: LocalStack): Promise<void> {
  const service = serviceOf(stack);
  const sessions = await PassthroughSessions.at(stack);
  await connectMany(sessions, service.port, WARM_UP);
  await pause(SETTLE_MS);
  const before = await heldBy(service);
  const startedAt = performance.now();
  await connectMany(sessions, service.port, CONNECTS);
  const rate = CONNECTS / ((performance.now() - startedAt) / 1_000);
  console.log(
    `${CONNECTS} connects at ${rate.toFixed(0)}/s (goal: at least ${GOAL_PER_SECOND}/s), ` +
      `${AT_ONCE} at a time`,
  );
  await pause(SETTLE_MS);
  const after = await heldBy(service);
  const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  console.log(`  live memory: ${mebibytes(before.liveBytes)} → ${mebibytes(after.liveBytes)}`);
  console.log(`  sockets: ${before.sockets} → ${after.sockets}`);
  console.log(`  timers: ${before.timers} → ${after.timers}`);
  console.log(`  operations left open: ${await openOperations(stack)}`);
}

async function connectMany(
  sessions: PassthroughSessions,
  port: number,
  count: number,
): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    const batch = Math.min(AT_ONCE, count - done);
    const clients = await Promise.all(
      Array.from({ length: batch }, async () => streamOf(await sessions.openClient(port))),
    );
    const gateways: ReturnType<typeof streamOf>[] = [];
    while (gateways.length < batch) {
      const keys = await sessions.pendingKeys(batch);
      if (keys.length === 0) await pause(10);
      const dialled = await Promise.all(keys.map(key => sessions.openGateway(port, key)));
      gateways.push(...dialled.map(streamOf));
    }
    await Promise.all(clients.map(carryByte(gateways)));
  }
}

/**
 * Keys arrive in any order, so each gateway sends a byte, and each client waits for its own
 * gateway's.
 */
function carryByte(gateways: readonly ReturnType<typeof streamOf>[]) {
  for (const gateway of gateways) {
    gateway.resume();
    gateway.write('x');
  }
  return (client: ReturnType<typeof streamOf>): Promise<void> =>
    new Promise((resolve, reject) => {
      let hasByte = false;
      client.on('error', reject);
      client.once('close', () =>
        hasByte ? resolve() : reject(new Error('A session ended without its byte')),
      );
      client.on('data', () => {
        hasByte = true;
        client.end();
      });
    });
}

async function heldBy(service: Service): Promise<Held> {
  const sockets = readdirSync(`/proc/${service.pid}/fd`).length;
  const inspector = await NodeInspector.attach(service.pid, () =>
    readFileSync(service.log, 'utf8'),
  );
  let timers: number;
  try {
    timers = Number(await inspector.evaluate(TIMERS));
  } finally {
    await inspector.detach();
  }
  return { liveBytes: await liveBytes(service), sockets, timers };
}

async function openOperations(stack: LocalStack): Promise<number> {
  let count = 0;
  for (const status of ['PENDING', 'EXECUTING']) {
    const path = `/devicecontrol/operations?deviceId=1002&status=${status}&pageSize=2000`;
    const answer = await stack.fetch(path, 'admin');
    count += ((await answer.json()) as { operations: Operation[] }).operations.length;
  }
  return count;
}
