import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LocalStack } from '@remote-access/testkit';
import { cpuSeconds, residentMebibytes } from './process-usage';
import type { BenchEntry } from './entry';
import type { IdleRelayOrder } from './idle-relay-peer';
import { liveBytes } from './live-memory';
import { PassthroughSessions, type Service, serviceOf } from './relay-sessions';

/**
 * A process may have 20,000 open files, and a session takes two. `SESSIONS=1500` for a quick run.
 */
const SESSIONS = Number(process.env['SESSIONS'] ?? 9_500);

/** By then, the modules and compiled code that sessions share are complete. */
const WARM_UP = 500;

/** Each has two connections per session. */
const SESSIONS_PER_PEER = 4_500;

const USERS = ['operator', 'engineer', 'admin'];

/** Far above what many sessions of few users, and their connections, reserve. */
const MEMORY_LIMIT = '32G';

/** By then operations are finished, garbage is collected, and each side has been pinged. */
const SETTLE_MS = 40_000;
const IDLE_MS = 60_000;

const GOALS = { kibibytes: 14, cpuShare: 0.08 };

/**
 * Memory and CPU of one process with as many idle PASSTHROUGH sessions as its limit of open files
 * allows.
 */
export const idleRelay: BenchEntry = {
  name: 'idle-relay',
  async run() {
    const env = { MAX_SESSIONS_PER_USER: '10000', MAX_SESSIONS_PER_DEVICE: '10000', MEMORY_LIMIT };
    const stack = await LocalStack.start({ env });
    const peers: ChildProcess[] = [];
    try {
      await measure(stack, peers);
    } finally {
      for (const peer of peers) peer.disconnect();
      await stack.stop();
    }
  },
};

async function measure(stack: LocalStack, peers: ChildProcess[]): Promise<void> {
  const service = serviceOf(stack);
  const { endpointId } = await PassthroughSessions.at(stack);
  const open = async (count: number): Promise<void> => {
    const peer = fork(join(__dirname, 'idle-relay-peer.js'));
    peers.push(peer);
    const ended = once(peer, 'exit').then(([code]) => {
      throw new Error(`The peer ended with ${code} before its sessions were open`);
    });
    ended.catch(() => undefined);
    await Promise.race([once(peer, 'message'), ended]);
    const { url, description } = stack;
    const { password } = description;
    const place = { url, password, endpointId, port: service.port, users: USERS };
    peer.send({ ...place, count } satisfies IdleRelayOrder);
    await Promise.race([once(peer, 'message'), ended]);
  };
  await open(WARM_UP);
  const before = await memoryOf(service);
  const startedAt = performance.now();
  for (let left = SESSIONS - WARM_UP; left > 0; left -= SESSIONS_PER_PEER) {
    await open(Math.min(left, SESSIONS_PER_PEER));
  }
  const rate = (SESSIONS - WARM_UP) / ((performance.now() - startedAt) / 1_000);
  console.log(`${SESSIONS} PASSTHROUGH sessions in one process, opened at ${rate.toFixed(0)}/s`);
  const after = await memoryOf(service);
  const each = (kind: 'live' | 'resident'): string =>
    `${((after[kind] - before[kind]) / 1024 / (SESSIONS - WARM_UP)).toFixed(1)} KiB`;
  console.log(
    `  memory each: ${each('resident')} resident (goal ${GOALS.kibibytes}), ${each('live')} live`,
  );
  const cpuBefore = cpuSeconds(service.pid);
  await pause(IDLE_MS);
  const share = (cpuSeconds(service.pid) - cpuBefore) / (IDLE_MS / 1_000);
  console.log(`  CPU while idle: ${percent(share)} of a core (goal ${percent(GOALS.cpuShare)})`);
  for (const peer of peers) {
    peer.send('bytes');
    await once(peer, 'message');
  }
  console.log('  each has carried a byte afterwards');
}

async function memoryOf(service: Service): Promise<{ live: number; resident: number }> {
  await pause(SETTLE_MS);
  const live = await liveBytes(service);
  return { live, resident: residentMebibytes(service.pid) * 1024 * 1024 };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
