import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

function node(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const options = { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, stdout, stderr };
}

describe('REPLICAS', () => {
  it.each(['x', '0', '-1', '2.5', '10'])('=%s is refused in one sentence', count => {
    const { status, stdout, stderr } = node(['tools/start.mjs'], { REPLICAS: count, PORT: '0' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(`\nREPLICAS=${count} is not a number from 1 to 9.\n`);
  });
});

describe('nats-server', () => {
  const find = (folders: readonly string[]): string => {
    const script =
      "import { natsServer } from './tools/stack/nats-server.mjs';" +
      "import { reportAndFail } from './tools/cli-error.mjs';" +
      `try { console.log(natsServer(${JSON.stringify(folders)})); } catch (e) { reportAndFail(e); }`;
    const { stdout, stderr } = node(['--input-type=module', '--eval', script]);
    return stdout + stderr;
  };

  it('is reported in one sentence that says how to get it, if it is missing', () => {
    expect(find(['/no/such/folder', join(ROOT, 'docs')])).toBe(
      '\nREPLICAS needs a NATS server: install it (on Debian: apt-get install nats-server), or set ' +
        'NATS_URL to one that runs.\n',
    );
  });
});
