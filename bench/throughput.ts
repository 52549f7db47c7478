import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type LocalStack } from '@remote-access/testkit';
import { gatewayShell, openBrowserTerminal } from './browser-terminal';
import type { BenchEntry } from './entry';
import { openPlainSsh } from './plain-ssh';
import { median } from './ratios';
import { outputOf, PROMPT, type Terminal } from './terminal';
import { startWetty, type Wetty } from './wetty';

const TEXT_BYTES = 40_000_000;
/** Many, because one round takes only half a second and other load on the machine distorts it. */
const ROUNDS = 15;

/** Generous, because a busy machine needs a while for 40 MB. */
const PATIENCE_MS = 120_000;

/** Enough for the end marker and what the shell prints after it. */
const TAIL_BYTES = 256;

/** The product's goals, as ratios to each peer. */
const GOALS = { wetty: 1.4, ssh: 0.9 };

/** `cat` of 40 MB of text through a terminal; the paths take turns. */
export const throughput: BenchEntry = {
  name: 'throughput',
  async run(stack) {
    const folder = temporaryFolder('bench');
    try {
      for (const line of await measureThroughput(stack, folder.path)) console.log(line);
    } finally {
      folder.remove();
    }
  },
};

async function measureThroughput(stack: LocalStack, folder: string): Promise<string[]> {
  console.log(`Printing ${TEXT_BYTES / 1e6} MB of text ${ROUNDS} times on each path …`);
  const file = join(folder, 'text');
  writeFileSync(file, text());
  const wetty = await startWetty(stack, folder);
  const rates: Record<'ours' | 'ssh' | 'wetty', number[]> = { ours: [], ssh: [], wetty: [] };
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.ours.push(
        await rateOf(await openBrowserTerminal(stack, await gatewayShell(stack)), file),
      );
      rates.ssh.push(await rateOf(openPlainSsh(stack, folder), file));
      if (isStarted(wetty)) rates.wetty.push(await rateOf(await wetty.open(), file));
    }
  } finally {
    if (isStarted(wetty)) await wetty.stop();
  }
  const ratio = (peer: 'ssh' | 'wetty'): string =>
    median(rates.ours.map((rate, round) => rate / rates[peer][round]!)).toFixed(2);
  const shown = (way: keyof typeof rates): string => `${median(rates[way]).toFixed(1)} MB/s`;
  return [
    `40 MB of text through a terminal: browser … sshd ${shown('ours')}, ssh -tt ${shown('ssh')}: ` +
      `${ratio('ssh')} times that (goal: at least ${GOALS.ssh})`,
    isStarted(wetty)
      ? `  wetty ${shown('wetty')}: ${ratio('wetty')} times that (goal: at least ${GOALS.wetty})`
      : `  wetty: not measured, ${wetty}`,
  ];
}

function isStarted(wetty: Wetty | string): wetty is Wetty {
  return typeof wetty !== 'string';
}

/** Lines of 80 characters, like those of logs, that hardly compress. */
function text(): string {
  const line = (): string => `${randomBytes(60).toString('base64').slice(0, 79)}\n`;
  const block = Array.from({ length: 1000 }, line).join('');
  return block.repeat(TEXT_BYTES / block.length);
}

/** MB/s, from pressing Enter to the last byte. */
async function rateOf(terminal: Terminal, file: string): Promise<number> {
  await outputOf(terminal, PROMPT);
  const ready = outputOf(terminal, /ready\r?\n/);
  terminal.type("stty -echo; PS1=; printf 'rea''dy\\n'\n");
  await ready;
  const startedAt = performance.now();
  const bytes = await outputUntil(terminal, 'THE END', () => {
    terminal.type(`cat ${file}; printf 'THE ''END'\n`);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  terminal.close();
  if (bytes < TEXT_BYTES) throw new Error(`Received only ${bytes} bytes`);
  return bytes / 1e6 / seconds;
}

function outputUntil(terminal: Terminal, end: string, start: () => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(
      () => reject(new Error('The text did not end in time')),
      PATIENCE_MS,
    );
    let bytes = 0;
    let tail = Buffer.alloc(0);
    terminal.onOutput(chunk => {
      bytes += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      if (!tail.includes(end)) return;
      clearTimeout(deadline);
      resolve(bytes);
    });
    start();
  });
}
