import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  temporaryFolder,
  waitUntil,
  type StackDescription,
  type TemporaryFolder,
} from '@remote-access/testkit';
import { copyRepository } from '../fixtures/repository-copy';

/** If nothing is built yet, the build comes first. */
jest.setTimeout(300_000);

const READY_MS = 240_000;
const RESTART_MS = 60_000;

let scratch: TemporaryFolder;
let dev: ChildProcess;
const output: string[] = [];

beforeAll(async () => {
  scratch = temporaryFolder('dev');
  copyRepository(scratch.path);
  dev = spawn(process.execPath, [join(scratch.path, 'tools', 'start.mjs'), '--watch'], {
    env: { ...process.env, PORT: '0', npm_lifecycle_event: 'dev' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface(dev.stdout!).on('line', line => output.push(line));
  await waitUntil('it watches', () => output.some(line => line.startsWith('Watching')), READY_MS);
});
afterAll(async () => {
  if (dev.exitCode === null) dev.kill('SIGINT');
  if (dev.exitCode === null) await once(dev, 'exit');
  scratch.remove();
});

it('rebuilds and restarts only the program whose source changed', async () => {
  const before = pids();
  const file = join(scratch.path, 'apps', 'agent', 'src', 'main.ts');
  writeFileSync(file, `${readFileSync(file, 'utf8')}\nprocess.stdout.write('changed\\n');\n`);
  await waitUntil('the agent is restarted', () => says('Restarted the agent.'), RESTART_MS);
  const after = pids();
  expect(after['agent']).not.toBe(before['agent']);
  expect(readFileSync(description().parts.find(isAgent)!.log, 'utf8')).toMatch(/^changed$/m);
  expect({ ...after, agent: 0 }).toEqual({ ...before, agent: 0 });
});

it('restarts nothing while a source does not compile, and continues when it does', async () => {
  const before = pids();
  const file = join(scratch.path, 'apps', 'agent', 'src', 'main.ts');
  const source = readFileSync(file, 'utf8');
  writeFileSync(file, `${source}\nconst wrong: number = 'text';\n`);
  await waitUntil('the error is shown', () => says('error TS2322'), RESTART_MS);
  expect(pids()).toEqual(before);
  writeFileSync(file, `${source}\nprocess.stdout.write('repaired\\n');\n`);
  await waitUntil(
    'the agent runs the new source',
    () => pids()['agent'] !== before['agent'],
    RESTART_MS,
  );
});

it('ends everything on Ctrl+C', async () => {
  const running = Object.values(pids());
  const ended = once(dev, 'exit');
  dev.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  await waitUntil('no process of it is left', () => !running.some(isAlive) && !compilerRuns());
});

function says(text: string): boolean {
  return output.some(line => line.includes(text));
}

function description(): StackDescription {
  const [, port = ''] = /^ready .*:(\d+)\/$/m.exec(output.join('\n')) ?? [];
  const file = join(scratch.path, '.stack', port, 'stack.json');
  return JSON.parse(readFileSync(file, 'utf8')) as StackDescription;
}

function pids(): Record<string, number> {
  return Object.fromEntries(description().parts.map(({ name, pid }) => [name, pid]));
}

function isAgent({ name }: { name: string }): boolean {
  return name === 'agent';
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** The compiler's command line names the scratch folder (proc(5)). */
function compilerRuns(): boolean {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .some(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(scratch.path);
      } catch {
        // It ended in the meantime.
        return false;
      }
    });
}
