import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder, type LocalStack } from '@remote-access/testkit';
import { gatewayShell, openBrowserTerminal } from './browser-terminal';
import type { BenchEntry } from './entry';
import type { IdleClientsOrder } from './idle-clients';
import { residentMebibytes } from './microservice-start';
import { writeSshFiles } from './plain-ssh';
import { outputOf, PROMPT, type Terminal } from './terminal';

const SESSIONS = 200;

/** What a first session brings into memory, all others share. */
const WARM_UP = 10;

/** Until the garbage of opening is collected and the figure stands still. */
const SETTLE_MS = 5_000;

/** Opened side by side, here and there: most of it is waiting for shells. */
const AT_ONCE = 10;

const IDLE_MS = 20_000;

/** The parts of the stack start with it (tools/part.mjs); the peer has to as well. */
const LATE_COLLECTION = '--initial-old-space-size=128';

/** proc(5): `utime` and `stime` count in hundredths of a second. */
const TICKS_PER_SECOND = 100;

const GOALS = { memory: 1.2, cpuShare: 0.01 };

/** Memory and CPU of sessions in which nobody types, beside clients of ssh2 that do as little. */
export const idleSessions: BenchEntry = {
  name: 'idle-sessions',
  async run(stack) {
    const folder = temporaryFolder('bench');
    try {
      for (const line of await measureIdleSessions(stack, folder.path)) console.log(line);
    } finally {
      folder.remove();
    }
  },
};

export async function measureIdleSessions(stack: LocalStack, folder: string): Promise<string[]> {
  const pid = stack.description.parts.find(({ name }) => name === 'microservice')?.pid;
  if (pid === undefined) throw new Error('The stack has no microservice');
  console.log(`Opening ${SESSIONS} sessions …`);
  const terminals = await openTerminals(stack, WARM_UP);
  const ours = await grownBy(pid, async () => {
    terminals.push(...(await openTerminals(stack, SESSIONS)));
  });
  const secondsBefore = cpuSeconds(pid);
  await pause(IDLE_MS);
  const cpuShare = (cpuSeconds(pid) - secondsBefore) / (IDLE_MS / 1000);
  for (const terminal of terminals) terminal.close();
  console.log(`Opening ${SESSIONS} clients of ssh2 …`);
  const bare = await measureBareClients(stack, folder);
  const each = (mebibytes: number): string => `${((mebibytes * 1024) / SESSIONS).toFixed(0)} KiB`;
  return [
    `${SESSIONS} idle SSH sessions: ${each(ours)} each in the microservice, ` +
      `${each(bare)} for a bare ssh2 client: ${(ours / bare).toFixed(2)} of it (goal: at most ${GOALS.memory})`,
    `  they take ${(100 * cpuShare).toFixed(2)} % of a core (goal: less than ${100 * GOALS.cpuShare} %)`,
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

async function measureBareClients(stack: LocalStack, folder: string): Promise<number> {
  const { port, userName } = stack.description.target;
  const { key: keyFile } = writeSshFiles(stack, folder);
  const child = fork(join(__dirname, 'idle-clients.js'), { execArgv: [LATE_COLLECTION] });
  const opens = async (count: number): Promise<void> => {
    const order: IdleClientsOrder = { port, userName, keyFile, count, atOnce: AT_ONCE };
    child.send(order);
    await once(child, 'message');
  };
  await once(child, 'message');
  await opens(WARM_UP);
  const grown = await grownBy(child.pid!, () => opens(SESSIONS));
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  return grown;
}

async function grownBy(pid: number, work: () => Promise<void>): Promise<number> {
  await pause(SETTLE_MS);
  const before = residentMebibytes(pid);
  await work();
  await pause(SETTLE_MS);
  return residentMebibytes(pid) - before;
}

function cpuSeconds(pid: number): number {
  // The name of the program stands in brackets and may hold spaces.
  const [, fields = ''] = /\) (.*)$/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8').trim()) ?? [];
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) / TICKS_PER_SECOND;
}
