import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ImportReport } from '@remote-access/contracts';
import { temporaryFolder, waitUntil, type LocalStack } from '@remote-access/testkit';
import type { BenchEntry } from './entry';
import type { LoopDelay } from './event-loop-watch';
import { anotherMicroservice, isHealthy } from './microservice-start';
import { WatchedProgram } from './watched-program';

const KEYS = 100;
const PASSPHRASE = 'correct horse';

/** A longer stall delays every keystroke of every session noticeably. */
const LIMIT_MS = 50;

const READY_WITHIN_MS = 60_000;

/** A program that only waits: its stalls are caused by the machine. */
const IDLE = 'setInterval(() => undefined, 1000)';

/**
 * Imports keys with OpenSSH's encryption (bcrypt, 16 rounds) and measures stalls of the
 * service's event loop, compared with an idle process at the same time.
 */
export const encryptedKeys: BenchEntry = {
  name: 'encrypted-keys',
  async run(stack) {
    console.log(`Generating ${KEYS} keys …`);
    const keys = await makeKeys();
    const { program, env, url } = await anotherMicroservice(stack);
    const service = new WatchedProgram([program], env);
    const idle = new WatchedProgram(['-e', IDLE]);
    try {
      await waitUntil('the microservice is healthy', () => isHealthy(url), READY_WITHIN_MS);
      await service.delay();
      await idle.delay();
      console.log(`Importing ${KEYS} keys …`);
      const seconds = await importAll(stack, url, keys);
      const [during, idleDelay] = [await service.delay(), await idle.delay()];
      console.table([row('microservice', during), row('idle process', idleDelay)]);
      // Stalls of the idle process at the same time are not caused by the service.
      const ownMs = Math.max(0, during.mostMs - idleDelay.mostMs);
      const verdict = ownMs <= LIMIT_MS ? 'within' : 'ABOVE';
      console.log(`${KEYS} encrypted keys in ${seconds.toFixed(1)} s; the longest stall was`);
      console.log(
        `  ${ownMs.toFixed(1)} ms more than in the idle process, ${verdict} the limit of ${LIMIT_MS} ms.`,
      );
      if (idleDelay.mostMs > LIMIT_MS) console.log('  The machine is busy: repeat on an idle one.');
    } finally {
      await service.stop();
      await idle.stop();
    }
  },
};

async function makeKeys(): Promise<string[]> {
  const folder = temporaryFolder('keys');
  const keys: string[] = [];
  for (let at = 0; at < KEYS; at += 1) {
    const path = join(folder.path, String(at));
    const args = ['-q', '-t', 'ed25519', '-a', '16', '-N', PASSPHRASE, '-C', '', '-f', path];
    await promisify(execFile)('ssh-keygen', args);
    keys.push(readFileSync(path, 'utf8'));
  }
  folder.remove();
  return keys;
}

/** Sends the keys directly to the watched service. @returns the seconds it took */
async function importAll(stack: LocalStack, url: string, keys: string[]): Promise<number> {
  const rows = keys.map((privateKey, at) => ({
    deviceId: '1002',
    name: `Key ${at}`,
    hostname: '10.0.0.5',
    port: 22,
    protocol: 'SSH',
    credentialsType: 'KEY_PAIR',
    username: 'root',
    privateKey,
    passphrase: PASSPHRASE,
  }));
  const startedAt = performance.now();
  const response = await fetch(`${url}/configurations/import`, {
    method: 'POST',
    headers: { authorization: stack.authorization('admin'), 'content-type': 'application/json' },
    body: JSON.stringify(rows),
  });
  const text = await response.text();
  const seconds = (performance.now() - startedAt) / 1000;
  const { counts } = JSON.parse(text) as ImportReport;
  if (counts.added !== KEYS) throw new Error(`The import failed: ${text.slice(0, 500)}`);
  return seconds;
}

function row(what: string, { mostMs, p99Ms }: LoopDelay) {
  return { what, 'p99 delay': `${p99Ms.toFixed(2)} ms`, most: `${mostMs.toFixed(2)} ms` };
}
