import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CommandLine } from '../fixtures/command-line';
import { PASSWORD, Stack } from '../fixtures/stack';

const run = promisify(execFile);
const MAIN = join(__dirname, '..', '..', 'apps', 'cli', 'bin', 'remote-access.mjs');

describe('the command line with third-party shells and stores', () => {
  let stack: Stack;
  let commands: CommandLine;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false });
    commands = new CommandLine(stack.emulator.url);
    const bin = join(commands.homePath, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'remote-access'),
      `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`,
    );
    chmodSync(join(bin, 'remote-access'), 0o755);
    env = { ...commands.env, PATH: `${bin}:${process.env['PATH']}` };
    await stack.addEndpoint({
      name: "Boss's shell",
      hostname: '127.0.0.1',
      port: 22,
      protocol: 'PASSTHROUGH',
    });
  });
  afterAll(async () => {
    await commands.remove();
    await stack.stop();
  });

  it('bash completes commands, and quotes names', async () => {
    const complete = async (...words: string[]): Promise<string[]> => {
      const line =
        'source <(remote-access completion bash); COMP_WORDS=(remote-access "$@"); COMP_CWORD=$#; ' +
        '_remote_access; printf "%s\\n" "${COMPREPLY[@]}"';
      const { stdout } = await run('bash', ['-c', line, 'bash', ...words], { env });
      return stdout.trim().split('\n');
    };
    expect(await complete('forw')).toEqual(['forward']);
    expect(await complete('ls', 'Fac')).toEqual(['Factory\\ gateway']);
    expect(await complete('ssh', 'Factory\\ gateway', '')).toEqual(["Boss\\'s\\ shell"]);
  });

  it('fish completes commands and names', async () => {
    const complete = async (line: string): Promise<string> => {
      const script = `remote-access completion fish | source; complete -C '${line}'`;
      return (await run('fish', ['--no-config', '-c', script], { env })).stdout;
    };
    expect(await complete('remote-access forw')).toContain('forward');
    expect(await complete('remote-access ls Fac')).toContain('Factory');
  });

  it('zsh completes commands and names', async () => {
    const script =
      'compdef() { :; }; compadd() { shift 1; print -l -- ${(P)1}; }; _files() { print files; }; ' +
      'source <(remote-access completion zsh); ' +
      'words=(remote-access ls Fac); CURRENT=3; _remote_access; ' +
      'words=(remote-access scp x y z); CURRENT=5; _remote_access';
    const { stdout } = await run('zsh', ['-f', '-c', script], { env });
    expect(stdout.trim().split('\n')).toEqual(['Factory gateway', 'files']);
  });

  it('keeps the password in the Secret Service of the desktop', async () => {
    const home = commands.homePath;
    const session = {
      ...env,
      XDG_RUNTIME_DIR: home,
      XDG_DATA_HOME: join(home, 'data'),
      REMOTE_ACCESS_URL: undefined,
      REMOTE_ACCESS_USER: undefined,
    };
    const script = [
      'printf unlock | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1',
      `remote-access login '${stack.emulator.url}' --user engineer --json`,
      'unset REMOTE_ACCESS_PASSWORD',
      'remote-access ls --all --no-input',
      'remote-access logout',
      'remote-access ls --no-input; echo "then $?"',
    ].join('\n');
    const { stdout } = await run('dbus-run-session', ['--', 'sh', '-c', script], { env: session });
    expect(stdout).toContain('"kept":"password"');
    expect(stdout).toContain('Factory gateway');
    expect(stdout).toContain('then 3');
    expect(stdout).not.toContain(PASSWORD);
  });
});
