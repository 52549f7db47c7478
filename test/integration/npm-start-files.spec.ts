import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalStack } from '@remote-access/testkit';
import { CommandLine } from '../fixtures/command-line';

/** If nothing is built yet, the build comes first. */
jest.setTimeout(300_000);

/** Files are copied to and from the SSH server of the demo, by this machine's own programs. */
describe('"Gateway shell"', () => {
  let stack: LocalStack;
  let commands: CommandLine;
  const content = randomBytes(3_000_000);
  const file = (name: string): string => join(commands.homePath, name);
  const copied = (name: string): boolean => readFileSync(file(name)).equals(content);

  beforeAll(async () => {
    stack = await LocalStack.start();
    commands = new CommandLine(stack.url);
    writeFileSync(file('key'), stack.description.target.privateKey, { mode: 0o600 });
    writeFileSync(file('local'), content);
  });
  afterAll(async () => {
    await commands.remove();
    await stack.stop();
  });

  it('takes and gives files with scp', async () => {
    const password = { REMOTE_ACCESS_PASSWORD: stack.description.password };
    const copy = (...paths: string[]) =>
      commands.run(
        ['scp', 'Factory gateway', 'Gateway shell', '--add', ...paths, '--', '-i', file('key')],
        {
          env: password,
        },
      );
    expect(await copy(file('local'), `:${file('there')}`)).toMatchObject({ code: 0 });
    expect(await copy(`:${file('there')}`, file('back'))).toMatchObject({ code: 0, stderr: '' });
    expect([copied('there'), copied('back')]).toEqual([true, true]);
  });

  it('takes and gives files with sftp', async () => {
    const env = { ...commands.env, REMOTE_ACCESS_PASSWORD: stack.description.password };
    const printed = await commands.run(['ssh-config', 'Factory gateway'], { env });
    expect(printed.stdout).toMatch(/^Host gateway-shell /m);
    writeFileSync(file('ssh-config'), printed.stdout);
    writeFileSync(
      file('batch'),
      [`put ${file('local')} ${file('put')}`, `get ${file('put')} ${file('got')}`, ''].join('\n'),
    );
    const own = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
    const args = ['-F', file('ssh-config'), '-i', file('key'), ...own];
    await promisify(execFile)('sftp', [...args, '-b', file('batch'), 'gateway-shell'], { env });
    expect([copied('put'), copied('got')]).toEqual([true, true]);
  });
});
