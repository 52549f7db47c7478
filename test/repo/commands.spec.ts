import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@remote-access/testkit';

const ROOT = join(__dirname, '..', '..');

interface Result {
  readonly status: number | null;
  readonly stderr: string;
}

function run(tool: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Result {
  return spawnSync(process.execPath, [join(ROOT, 'tools', tool), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 20_000,
  });
}

it('npm run test:unit runs only the tests whose path it is given', () => {
  const path = 'libs/yamux/src/frame.spec.ts';
  const args = ['run', '--silent', 'test:unit', '--', path, '--listTests'];
  const listed = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  expect(listed.match(/\S+\.spec\.ts/g)).toEqual([join(ROOT, path)]);
});

it.each([
  ['start.mjs', ['--wrong'], 'npm start'],
  ['test.mjs', ['libs/ssh'], 'npm test'],
  ['build.mjs', ['--wrong'], 'npm run build'],
  ['release.mjs', ['--wrong'], 'npm run release'],
  ['pack/main.mjs', ['--wrong'], 'npm run pack'],
  ['pack-programs/agent.mjs', ['--wrong'], 'npm run pack:agent'],
  ['pack-programs/cli.mjs', ['--wrong'], 'npm run pack:cli'],
  ['deploy/main.mjs', ['--wrong'], 'npm run deploy'],
  ['verify-tenant/main.mjs', ['--wrong'], 'npm run verify-tenant'],
])('tools/%s refuses %j and shows how it is used', (tool, args, usage) => {
  // A command that did not refuse them would start other programs.
  const { status, stderr } = run(tool, args, { PATH: '/nowhere' });
  expect(status).toBe(1);
  expect(stderr).toContain(`'${args[0]}'`);
  expect(stderr).toContain(`\n\n${usage}`);
  expect(stderr).not.toMatch(/^ +at /m);
});

describe('commands without options', () => {
  // In a copy, so that a command that did not heed its arguments would remove nothing here.
  const copy = temporaryFolder('tools');
  const kept = join(copy.path, 'dist', 'kept');
  beforeAll(() => {
    const filter = (source: string): boolean => !source.includes('demo-target');
    cpSync(join(ROOT, 'tools'), join(copy.path, 'tools'), { recursive: true, filter });
    cpSync(join(ROOT, 'package.json'), join(copy.path, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(copy.path, 'node_modules'));
    mkdirSync(kept, { recursive: true });
  });
  afterAll(() => copy.remove());

  it.each(['clean', 'docs', 'check', 'interop', 'trace-files', 'test'])(
    'tools/%s.mjs explains itself with --help, refuses others, and does nothing else',
    name => {
      const tool = [join(copy.path, 'tools', `${name}.mjs`)];
      const options = { encoding: 'utf8', timeout: 20_000, env: { PATH: '/nowhere' } } as const;
      const help = spawnSync(process.execPath, [...tool, '--help'], options);
      expect(help).toMatchObject({ status: 0, stderr: '' });
      expect(help.stdout).toMatch(/^npm (run|test)/);
      const wrong = spawnSync(process.execPath, [...tool, '--wrong'], options);
      expect(wrong).toMatchObject({ status: 1, stdout: expect.not.stringContaining('…') });
      expect(wrong.stderr).toMatch(/'--wrong'[^]*\n\nnpm (run|test)/);
      expect(existsSync(kept)).toBe(true);
    },
  );
});

describe('the tests in a network namespace', () => {
  const folder = temporaryFolder('network-tests');
  afterAll(() => folder.remove());

  /** A PATH that has these programs only, each of which fails. */
  function pathWith(name: string, programs: readonly string[]): string {
    const path = join(folder.path, name);
    mkdirSync(path);
    symlinkSync('/bin/sh', join(path, 'sh'));
    for (const program of programs) {
      writeFileSync(join(path, program), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    }
    return path;
  }

  it('name the programs that are missing, and their packages', () => {
    const { status, stderr } = run('network-tests.mjs', [], {
      PATH: pathWith('missing', ['unshare', 'ip', 'ss']),
    });
    expect([status, stderr]).toEqual([
      1,
      '\nThere is no iptables on this machine. On Debian: apt-get install iptables\n',
    ]);
  });

  it('say what to do where there may be no namespace', () => {
    const { status, stderr } = run('network-tests.mjs', [], {
      PATH: pathWith('refused', ['unshare', 'ip', 'ss', 'iptables']),
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^\nThis machine gives you no network namespace: run the command as root/,
    );
  });
});
