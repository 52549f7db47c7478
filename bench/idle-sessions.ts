import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder, LocalStack } from '@remote-access/testkit';
import { gatewayShell, openBrowserTerminal } from './browser-terminal';
import { cpuSeconds, residentMebibytes } from './process-usage';
import type { BenchEntry } from './entry';
import type { IdleClientsOrder } from './idle-clients';
import { liveBytes, type MeasuredProcess } from './live-memory';
import { writeSshFiles } from './plain-ssh';
import { outputOf, PROMPT, type Terminal } from './terminal';

const SESSIONS = 200;

/**
 * Time until everything temporary that opening leaves in memory is gone: requests to the platform,
 * timers.
 */
const SETTLE_MS = 5_000;

/**
 * Time until the work that follows opening or closing many sessions is done, such as finishing
 * operations.
 */
const AFTERMATH_MS = 40_000;

/**
 * Sessions opened concurrently, by the browser and by the peer; most of the time is spent waiting
 * for shells.
 */
const AT_ONCE = 10;

/** Pings are sent every 15 and 30 s, so each is sent at least twice. */
const IDLE_MS = 60_000;

/**
 * The programs of the stack start with this option (tools/stack/stack-process.mjs), so the peer
 * does too.
 */
const LATE_COLLECTION = '--initial-old-space-size=128';

const GOALS = { memory: 1.5, cpuShare: 0.01 };

/** In bytes. */
interface Memory {
  /** In use after a full garbage collection. */
  readonly live: number;
  /** Resident memory after that, which includes memory outside the heap. */
  readonly resident: number;
}

/** Memory and CPU of idle sessions, compared with idle ssh2 clients. */
export const idleSessions: BenchEntry = {
  name: 'idle-sessions',
  async run() {
    // All sessions are of one user, on one gateway.
    const env = {
      MAX_SESSIONS_PER_USER: String(SESSIONS),
      MAX_SESSIONS_PER_DEVICE: String(SESSIONS),
    };
    const stack = await LocalStack.start({ env });
    const folder = temporaryFolder('bench');
    try {
      for (const line of await measureIdleSessions(stack, folder.path)) console.log(line);
    } finally {
      folder.remove();
      await stack.stop();
    }
  },
};

async function measureIdleSessions(stack: LocalStack, folder: string): Promise<string[]> {
  const service = stack.description.parts.find(({ name }) => name === 'microservice');
  if (!service) throw new Error('The stack has no microservice');
  console.log(`Opening ${SESSIONS} sessions …`);
  const terminals: Terminal[] = [];
  const open = async (): Promise<void> => {
    terminals.push(...(await openTerminals(stack, SESSIONS)));
  };
  const close = (): void => {
    for (const terminal of terminals.splice(0)) terminal.close();
  };
  const ours = await grownBy(service, open, close);
  const cpuShare = await cpuShareOf(service.pid);
  close();
  const shareWithout = await cpuShareOf(service.pid);
  console.log(`Opening ${SESSIONS} clients of ssh2 …`);
  const bare = await measureBareClients(stack, folder);
  const each = (bytes: number): string => `${(bytes / 1024 / SESSIONS).toFixed(0)} KiB`;
  return [
    `${SESSIONS} idle SSH sessions: ${each(ours.live)} each in the microservice, ` +
      `${each(bare.live)} for a bare ssh2 client: ` +
      `${(ours.live / bare.live).toFixed(2)} times that (goal: at most ${GOALS.memory})`,
    `  resident: ${each(ours.resident)} and ${each(bare.resident)}`,
    `  CPU: ${percent(cpuShare - shareWithout)} of a core (goal: less than ${percent(GOALS.cpuShare)}), ` +
      `in addition to ${percent(shareWithout)} without sessions`,
  ];
}

async function openTerminals(stack: LocalStack, count: number): Promise<Terminal[]> {
  const endpoint = await gatewayShell(stack);
  const terminals: Terminal[] = [];
  const open = async (): Promise<Terminal> => {
    const terminal = await openBrowserTerminal(stack, endpoint);
    await outputOf(terminal, PROMPT);
    return terminal;
  };
  while (terminals.length < count) {
    terminals.push(...(await Promise.all(Array.from({ length: AT_ONCE }, open))));
  }
  return terminals;
}

async function measureBareClients(stack: LocalStack, folder: string): Promise<Memory> {
  const { port, userName } = stack.description.target;
  const { key: keyFile } = writeSshFiles(stack, folder);
  const log = join(folder, 'idle-clients.log');
  const output = openSync(log, 'w');
  const child = fork(join(__dirname, 'idle-clients.js'), {
    execArgv: [LATE_COLLECTION, '--inspect-port=0'],
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const order: IdleClientsOrder = { port, userName, keyFile, count: SESSIONS, atOnce: AT_ONCE };
  const open = async (): Promise<void> => {
    child.send(order);
    await once(child, 'message');
  };
  await once(child, 'message');
  const grown = await grownBy({ pid: child.pid!, log }, open, () => child.send('close'));
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  return grown;
}

/**
 * How much the memory of a process grows when all sessions are opened. Live memory is compared at
 * the third opening, because the modules and compiled code that sessions share are complete only
 * after some hundred sessions. Resident memory is compared at the first, because a process does not
 * return it to the system.
 */
async function grownBy(
  program: MeasuredProcess,
  open: () => Promise<void>,
  close: () => void,
): Promise<Memory> {
  const fresh = await memoryOf(program);
  await open();
  const first = await memoryOf(program);
  close();
  await open();
  close();
  const before = await memoryOf(program);
  await open();
  const after = await memoryOf(program);
  return { live: after.live - before.live, resident: first.resident - fresh.resident };
}

async function memoryOf(program: MeasuredProcess): Promise<Memory> {
  await pause(SETTLE_MS);
  const live = await liveBytes(program);
  return { live, resident: residentMebibytes(program.pid) * 1024 * 1024 };
}

/** @returns CPU seconds per second while all sessions are idle */
async function cpuShareOf(pid: number): Promise<number> {
  await pause(AFTERMATH_MS);
  const before = cpuSeconds(pid);
  await pause(IDLE_MS);
  return (cpuSeconds(pid) - before) / (IDLE_MS / 1000);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
