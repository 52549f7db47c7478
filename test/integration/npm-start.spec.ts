import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isListening, LocalStack, temporaryFolder, waitUntil } from '@remote-access/testkit';
import { openTerminal } from '../fixtures/local-terminal';

const START = join(__dirname, '..', '..', 'tools', 'start.mjs');
const DEMO_TARGET = join(__dirname, '..', '..', 'tools', 'demo-target');

/** If nothing is built yet, the build comes first. */
jest.setTimeout(300_000);

describe('npm start', () => {
  it('runs two stacks side by side, and each leaves nothing behind when it is stopped', async () => {
    const stacks = await Promise.all([LocalStack.start(), LocalStack.start()]);
    for (const stack of stacks) {
      const path = '/service/remoteaccess/devices/1001/configurations';
      const endpoints = (await (await stack.fetch(path, 'operator')).json()) as { name: string }[];
      expect(endpoints.map(({ name }) => name)).toEqual([
        'Gateway shell',
        'Operating panel',
        'Old controller',
      ]);
    }
    for (const stack of stacks) {
      await stack.stop();
      expect(await whatIsLeft(stack)).toEqual([]);
    }
  });

  it('leaves nothing behind when it is killed, not even a shell in use', async () => {
    const stack = await LocalStack.start();
    const terminal = await openTerminal(stack, 'Gateway shell');
    terminal.type('echo "<$$>"; cat\r');
    await waitUntil('the shell shows its process id', () => /<\d+>/.test(terminal.text));
    const shell = Number(/<(\d+)>/.exec(terminal.text)![1]);
    expect(isAlive(shell)).toBe(true);
    process.kill(stack.pid, 'SIGKILL');
    await waitUntil('all parts have ended', async () => (await whatIsLeft(stack)).length === 0);
    await waitUntil('the shell has ended', () => !isAlive(shell));
  });

  it.each([
    ['demo target', 'demo-target.log'],
    ['emulator', 'emulator.log'],
    ['microservice', 'microservice.log'],
    ['agent', 'agent.log'],
  ])('exits with 1 and says which log to read when the %s dies', async (name, log) => {
    const stack = await LocalStack.start();
    const part = stack.description.parts.find(part => part.name === name)!;
    const ended = once(stack.process, 'exit');
    process.kill(part.pid, 'SIGKILL');
    expect(await ended).toEqual([1, null]);
    expect(stack.output).toContain(`The ${name} was ended by SIGKILL.`);
    expect(stack.output).toContain(`logs/${log}`);
    await waitUntil('all has ended', async () => (await whatIsLeft(stack)).length === 0);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves nothing behind when its process group receives %s during startup',
    async signal => {
      const mark = `npm-start-${process.pid}-${signal}`;
      const start = spawn(process.execPath, [START], {
        env: { ...process.env, PORT: '0', STARTED_BY: mark },
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      });
      const ended = once(start, 'exit');
      let output = '';
      start.stdout.on('data', (chunk: Buffer) => {
        if (!output.includes('Starting the emulator') && chunk.includes('Starting the emulator')) {
          process.kill(-start.pid!, signal);
        }
        output += chunk.toString();
      });
      expect(await ended).toEqual([0, null]);
      expect(output).toContain(`${signal} received.`);
      expect(output).not.toContain('ready http');
      expect(startedBy(mark)).toEqual([]);
    },
  );

  it('leaves nothing behind if a part fails while the others start', async () => {
    const mark = `npm-start-${process.pid}-failing`;
    const folder = temporaryFolder('data');
    writeFileSync(join(folder.path, 'emulator.json'), 'no JSON');
    const start = spawn(process.execPath, [START, '--data', folder.path], {
      env: { ...process.env, PORT: '0', STARTED_BY: mark },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    start.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    expect(await once(start, 'exit')).toEqual([1, null]);
    expect(output).toContain('The emulator ended with exit code 1.');
    expect(startedBy(mark)).toEqual([]);
    folder.remove();
  });

  it.each([
    ['main', 'sshd'],
    ['panel-main', 'Xtigervnc'],
  ])(
    'leaves nothing behind if a demo target (%s) is stopped during startup',
    async (main, server) => {
      const target = spawn(process.execPath, [join(DEMO_TARGET, 'dist', `${main}.js`)], {
        stdio: 'ignore',
      });
      const ended = once(target, 'exit');
      let started: number[] = [];
      await waitUntil(`${server} has been started`, () => {
        started = childrenOf(target.pid!).filter(pid =>
          read(`/proc/${pid}/cmdline`).includes(server),
        );
        return started.length > 0;
      });
      target.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(started.filter(isAlive)).toEqual([]);
    },
  );
});

/** Processes with a marker in their environment (proc(5)). */
function startedBy(mark: string): number[] {
  return processes().filter(pid => read(`/proc/${pid}/environ`).includes(mark));
}

function childrenOf(parent: number): number[] {
  const isChild = new RegExp(`^\\d+ \\(.*\\) \\S ${parent} `);
  return processes().filter(pid => isChild.test(read(`/proc/${pid}/stat`)));
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number);
}

/** The parts that are still running and the targets that are still listening. */
async function whatIsLeft(stack: LocalStack): Promise<string[]> {
  const { parts, target, panel, controller } = stack.description;
  const left = parts.filter(({ pid }) => isAlive(pid)).map(({ name }) => name);
  if (await isListening(target.port)) left.push('sshd');
  if (await isListening(panel.port)) left.push('Xtigervnc');
  if (await isListening(controller.port)) left.push('telnetd');
  return left;
}

/** A zombie counts as ended. */
function isAlive(pid: number): boolean {
  return /^\d+ \(.*\) [^Z]/.test(read(`/proc/${pid}/stat`));
}

/** Empty if the process has ended or belongs to another user. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
