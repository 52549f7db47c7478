import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder, type LocalStack } from '@remote-access/testkit';
import { gatewayShell, openBrowserTerminal } from './browser-terminal';
import type { BenchEntry } from './entry';
import { measureKeystrokes } from './keystrokes';
import { Measurement } from './measurement';
import { measureStart } from './microservice-start';
import { residentMebibytes } from './process-usage';
import { openPlainSsh } from './plain-ssh';
import { makeEcho, outputOf, PROMPT } from './terminal';

const CONNECTS = 20;
const KEYS = 400;
const STARTS = 5;

/** Long enough for a flood to fill every buffer on its path. */
const FLOOD_BEFORE_MS = 1000;

/** What users wait for: connecting, typing, typing during a flood, starting. */
export const sessions: BenchEntry = {
  name: 'sessions',
  async run(stack) {
    const folder = temporaryFolder('bench');
    try {
      await measure(stack, folder.path);
    } finally {
      folder.remove();
    }
  },
};

async function measure(stack: LocalStack, folder: string): Promise<void> {
  const idleMebibytes = residentMebibytes(
    stack.description.parts.find(({ name }) => name === 'microservice')?.pid,
  );
  const connects = await measureConnects(stack, folder);
  const keystrokes = await measureTyping(stack, folder);
  console.log(`Starting the microservice ${STARTS} times …`);
  const start = new Measurement('microservice: start to healthy');
  const memories: number[] = [];
  for (let at = 0; at < STARTS; at += 1) memories.push(await measureStart(stack, start));

  console.table([...connects, ...keystrokes, start].map(measurement => measurement.row()));
  const spread = memories.map(memory => memory.toFixed(0)).join(', ');
  console.log(`microservice, memory when idle: ${spread} MiB after its start,`);
  console.log(`  ${idleMebibytes.toFixed(0)} MiB in the stack before its first session`);
}

/** From the click on Connect to the shell's first prompt, alternating with plain OpenSSH. */
async function measureConnects(stack: LocalStack, folder: string): Promise<Measurement[]> {
  console.log(`Connecting ${CONNECTS} times …`);
  const endpoint = await gatewayShell(stack);
  const ours = new Measurement('click → first prompt: browser … sshd');
  const peer = new Measurement('the same, plain ssh');
  for (let at = 0; at < CONNECTS; at += 1) {
    await ours.take(async () => {
      const terminal = await openBrowserTerminal(stack, endpoint);
      await outputOf(terminal, PROMPT);
      terminal.close();
    });
    await peer.take(async () => {
      const terminal = openPlainSsh(stack, folder);
      await outputOf(terminal, PROMPT);
      terminal.close();
    });
  }
  return [ours, peer];
}

/** Without other sessions, then next to one that prints as fast as it can. */
async function measureTyping(stack: LocalStack, folder: string): Promise<Measurement[]> {
  const endpoint = await gatewayShell(stack);
  const ours = await openBrowserTerminal(stack, endpoint);
  await outputOf(ours, PROMPT);
  await makeEcho(ours);
  const peer = openPlainSsh(stack, folder);
  await outputOf(peer, PROMPT);
  await makeEcho(peer);

  console.log(`Typing ${KEYS} keys …`);
  const quiet = [
    { terminal: ours, measurement: new Measurement('keystroke → echo: browser … sshd') },
    { terminal: peer, measurement: new Measurement('the same, plain ssh') },
  ];
  await measureKeystrokes(quiet, KEYS);

  console.log(`Typing ${KEYS} keys during a flood …`);
  const flood = await openBrowserTerminal(stack, endpoint);
  await outputOf(flood, PROMPT);
  let floodBytes = 0;
  flood.onOutput(chunk => (floodBytes += chunk.length));
  flood.type('yes "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"\n');
  await pause(FLOOD_BEFORE_MS);
  const startedAt = performance.now();
  floodBytes = 0;
  const beside = [
    { terminal: ours, measurement: new Measurement('keystroke during a flood: browser … sshd') },
    { terminal: peer, measurement: new Measurement('the same, plain ssh') },
  ];
  await measureKeystrokes(beside, KEYS);
  const rate = floodBytes / 1000 / (performance.now() - startedAt);
  console.log(`The flood ran at ${rate.toFixed(1)} MB/s.`);
  for (const terminal of [flood, ours, peer]) terminal.close();
  return [...quiet, ...beside].map(({ measurement }) => measurement);
}
