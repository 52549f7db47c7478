import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ticket } from '@remote-access/contracts';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import type { LocalStack } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { gatewayShell } from './browser-terminal';
import { startEchoPeer } from './echo-behind-ingress';
import type { BenchEntry } from './entry';
import { liveBytes } from './live-memory';
import { Measurement } from './measurement';
import { median } from './ratios';
import { serviceOf } from './relay-sessions';
import { DrawnOutput, ResumingTerminal, type ResumeWay } from './resuming-terminal';
import { makeEcho, outputOf, PROMPT } from './terminal';

const CUTS = 100;
const IDLE = 100;

/** A flood takes a third of a second, and varies by a quarter. */
const FLOODS = 15;

const AT_ONCE = 10;

/** Within the 120 s for which a session waits. */
const SETTLE_MS = 20_000;

const FLOOD_BYTES = 20_000_000;

const GOALS = { resume: 3, memory: 1.2, watching: 0.9 };

/** The time to resume, the memory of a waiting session, and the cost of being watched. */
export const resume: BenchEntry = {
  name: 'resume',
  async run(stack) {
    await compareReconnects(stack);
    await compareMemory(stack);
    await compareWatching(stack);
  },
};

async function shell(stack: LocalStack): Promise<ResumingTerminal> {
  const terminal = await ResumingTerminal.open(stack, await gatewayShell(stack));
  terminal.type('\n');
  await outputOf(terminal, PROMPT);
  return terminal;
}

/**
 * From "online" to the next echo, next to a WebSocket behind the same ingress that returns what it
 * receives. A page that signed in by cookie resumes without a ticket.
 */
async function compareReconnects(stack: LocalStack): Promise<void> {
  const terminal = await shell(stack);
  await makeEcho(terminal);
  const peer = await startEchoPeer();
  const cookie = new Measurement('online → next echo of sshd: cookie');
  const ticket = new Measurement('online → next echo of sshd: ticket');
  const bare = new Measurement('a bare WebSocket, the same ingress');
  const direct = new Measurement('a bare WebSocket, without an ingress');
  const returning = (way: ResumeWay) => async (): Promise<void> => {
    await terminal.resume(way);
    const echo = outputOf(terminal, /x/);
    terminal.type('x');
    await echo;
  };
  const reconnecting = (url: string) => async (): Promise<void> => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, 'open');
    const echo = once(socket, 'message');
    socket.send('x');
    await echo;
    socket.terminate();
  };
  for (let cut = 0; cut < CUTS; cut += 1) {
    await terminal.cut();
    await cookie.take(returning('cookie'));
    await bare.take(reconnecting(peer.behindIngress));
    await terminal.cut();
    await ticket.take(returning('ticket'));
    await direct.take(reconnecting(peer.direct));
  }
  terminal.close();
  await peer.stop();
  console.table([cookie, ticket, bare, direct].map(measurement => measurement.row()));
  const times = (ours: Measurement, theirs: Measurement): string =>
    (ours.percentile(0.5) / theirs.percentile(0.5)).toFixed(1);
  console.log(
    `  p50 with a cookie is ${times(cookie, bare)} times that of the same ingress ` +
      `(goal: at most ${GOALS.resume}), ${times(cookie, direct)} times that without; ` +
      `with a ticket ${times(ticket, bare)} and ${times(ticket, direct)} times`,
  );
}

/** The same sessions, with and without their clients. */
async function compareMemory(stack: LocalStack): Promise<void> {
  const service = serviceOf(stack);
  const terminals: ResumingTerminal[] = [];
  const open = async (): Promise<void> => {
    while (terminals.length < IDLE) {
      const some = Array.from({ length: AT_ONCE }, () => shell(stack));
      terminals.push(...(await Promise.all(some)));
    }
  };
  const close = (): void => {
    for (const terminal of terminals.splice(0)) terminal.close();
  };
  // The first sessions load and compile what all share.
  await open();
  close();
  await pause(SETTLE_MS);
  const none = await liveBytes(service);
  await open();
  await pause(SETTLE_MS);
  const attached = (await liveBytes(service)) - none;
  await Promise.all(terminals.map(terminal => terminal.cut()));
  await pause(SETTLE_MS);
  const detached = (await liveBytes(service)) - none;
  for (const terminal of terminals) await terminal.resume('ticket');
  close();
  const each = (bytes: number): string => `${(bytes / 1024 / IDLE).toFixed(1)} KiB`;
  console.log(
    `${IDLE} idle SSH sessions: ${each(attached)} each with its client, ${each(detached)} waiting for it: ` +
      `${(detached / attached).toFixed(2)} times that (goal: at most ${GOALS.memory})`,
  );
}

/** The throughput of a terminal with and without a watcher. */
async function compareWatching(stack: LocalStack): Promise<void> {
  const rates: Record<'alone' | 'watched', number[]> = { alone: [], watched: [] };
  const terminal = await shell(stack);
  terminal.beWatchable();
  for (let round = 0; round < FLOODS; round += 1) {
    rates.alone.push(await rateOf(terminal));
    const watcher = await watch(stack, terminal);
    rates.watched.push(await rateOf(terminal));
    watcher.terminate();
    await once(watcher, 'close');
  }
  terminal.close();
  const ratio = median(rates.watched.map((rate, round) => rate / rates.alone[round]!));
  const shown = (way: keyof typeof rates): string => `${median(rates[way]).toFixed(1)} MB/s`;
  console.log(
    `A flood of output: ${shown('alone')} alone, ${shown('watched')} while somebody watches: ` +
      `${ratio.toFixed(2)} times that (goal: at least ${GOALS.watching})`,
  );
}

async function watch(stack: LocalStack, { sessionId }: ResumingTerminal): Promise<WebSocket> {
  const { id } = await gatewayShell(stack);
  const path = `/service/remoteaccess/client/1001/configurations/${id}`;
  const body = JSON.stringify({ watch: { sessionId } });
  const answer = await stack.fetch(`${path}/tickets`, 'engineer', { method: 'POST', body });
  if (!answer.ok) throw new Error(await answer.text());
  const { ticket } = (await answer.json()) as Ticket;
  const url = `${stack.url.replace(/^http/, 'ws')}${path}?ticket=${ticket}`;
  const socket = new WebSocket(url, SUBPROTOCOLS.v1, { perMessageDeflate: false });
  const output = new DrawnOutput(message => socket.send(JSON.stringify(message)));
  await new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('The watcher was closed')));
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return output.add(data.length);
      const message = JSON.parse(data.toString()) as { type: string; output?: number };
      if (message.type !== 'screen') return;
      output.report(message.output);
      resolve();
    });
  });
  return socket;
}

/** MB/s, from pressing Enter to the last byte. */
async function rateOf(terminal: ResumingTerminal): Promise<number> {
  const startedAt = performance.now();
  await new Promise<void>(resolve => {
    let bytes = 0;
    terminal.onOutput(chunk => {
      bytes += chunk.length;
      if (bytes >= FLOOD_BYTES) resolve();
    });
    terminal.type(`head -c ${FLOOD_BYTES} /dev/zero | tr '\\0' x\n`);
  });
  const rate = FLOOD_BYTES / 1e6 / ((performance.now() - startedAt) / 1_000);
  const prompt = outputOf(terminal, PROMPT);
  terminal.type('\n');
  await prompt;
  return rate;
}
