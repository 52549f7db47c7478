import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Endpoint } from '@remote-access/contracts';
import { Emulator } from '@remote-access/emulator';
import { temporaryFolder } from '@remote-access/testkit';
import { FailingProxy } from '../fixtures/deploy-command';
import { smallPlugin, smallService } from '../fixtures/small-archives';
import { basic, PASSWORD, Stack } from '../fixtures/stack';

const ROOT = join(__dirname, '..', '..');
const DOCS = join(ROOT, 'docs');

// Each page is one shell script, which is slow on a busy machine.
jest.setTimeout(120_000);

interface Block {
  readonly page: string;
  /** What follows `sh` in the fence: `run`, or what the commands need. */
  readonly note: string;
  readonly text: string;
}

/** The pages for people who install and run the product; other pages have their own tests. */
const PAGES = [
  ...['connect-your-gateway.md', 'first-endpoint.md', 'install.md', 'key-material.md'],
  ...['run-yourself.md', 'troubleshooting.md', 'uninstall.md', 'upgrade.md'],
];

const BLOCKS: readonly Block[] = PAGES.flatMap(page =>
  [...readFileSync(join(DOCS, page), 'utf8').matchAll(/^```sh *(.*)\n([\s\S]*?)^```/gm)].map(
    ([, note = '', text = '']) => ({ page, note, text }),
  ),
);

/** The commands of a page with this note, in order, as one script. */
function scriptOf(page: string, note = 'run'): string {
  const blocks = BLOCKS.filter(block => block.page === page && block.note === note);
  return ['set -euo pipefail', ...blocks.map(({ text }) => text)].join('\n');
}

class Shell {
  output = '';
  private readonly child;
  readonly exit: Promise<number>;

  constructor(script: string, env: NodeJS.ProcessEnv, cwd = ROOT) {
    this.child = spawn('bash', ['-c', script], {
      cwd,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.exit = once(this.child, 'close').then(([code]) => code as number);
  }
}

describe('commands in docs/', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false });
  });
  afterAll(() => stack.stop());

  const environment = (): NodeJS.ProcessEnv => ({
    C8Y_BASEURL: stack.emulator.url,
    C8Y_USER: 't1001/engineer',
    C8Y_PASSWORD: PASSWORD,
    ADMIN_USER: 't1001/admin',
    DEVICE_USER: 't1001/device_gw-2',
    DEVICE_PASSWORD: PASSWORD,
    DEVICE_ID: '1002',
  });

  it('are run by a test, or listed with what they need', () => {
    const listed = readFileSync(join(DOCS, 'commands.md'), 'utf8')
      .split('\n')
      .filter(line => line.startsWith('| ['))
      .map(line => line.replaceAll(/ +/g, ' '));
    const expected = BLOCKS.filter(({ note }) => !note.startsWith('run')).flatMap(
      ({ page, note, text }) => {
        const first = text.split('\n')[0]!.replace(/ *\\$/, ' …').replaceAll('|', '\\|');
        return [`| [${page}](${page}) | \`${first}\` | ${note} |`];
      },
    );
    expect(listed).toEqual(expected);
  });

  const optionsOfTheTenant = (): Promise<Record<string, string>> =>
    stack.json('/tenant/options/remoteaccess', { user: 'admin' });

  async function runPage(page: string): Promise<string> {
    const shell = new Shell(scriptOf(page), environment());
    expect([await shell.exit, shell.output]).toEqual([0, expect.any(String)]);
    return shell.output;
  }

  it('of first-endpoint.md create an endpoint and list it', async () => {
    expect(await runPage('first-endpoint.md')).toMatch(
      /"name":"Gateway shell"[^]*\[\{.*"Gateway shell"/,
    );
  });

  it('of run-yourself.md print a random password', async () => {
    expect(await runPage('run-yourself.md')).toMatch(/^[\w-]{43}\n$/);
  });

  it('of key-material.md set key material, and those of uninstall.md delete it', async () => {
    const { options } = stack.emulator.store.tenant('t1001')!;
    const keyMaterial = (): unknown[] =>
      ['password', 'salt'].map(
        name => options.get(`remoteaccess/credentials.remoteaccess.encryption.${name}`)?.value,
      );
    const before = keyMaterial();
    await runPage('key-material.md');
    const [password, salt] = keyMaterial();
    expect([password, salt]).toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      expect.stringMatching(/^[\w-]{22}$/),
    ]);
    expect([password, salt]).not.toEqual(before);
    await runPage('uninstall.md');
    expect(await optionsOfTheTenant()).toEqual({});
  });

  it('of connect-your-gateway.md serve a session', async () => {
    const echo = createServer(socket => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const { id } = await stack.json<Endpoint>('/service/remoteaccess/devices/1002/configurations', {
      method: 'POST',
      body: JSON.stringify({
        name: 'Echo',
        protocol: 'PASSTHROUGH',
        hostname: '127.0.0.1',
        port: (echo.address() as AddressInfo).port,
        credentialsType: 'NONE',
      }),
    });
    const shell = new Shell(scriptOf('connect-your-gateway.md'), environment());
    const client = await stack.connectRaw(id, 'operator', '1002');
    const answer = once(client, 'message') as Promise<[Buffer]>;
    client.send(Buffer.from('hello through the documentation'));
    expect((await answer)[0].toString()).toBe('hello through the documentation');
    client.close();
    expect([await shell.exit, shell.output]).toEqual([0, '']);
    const { operations } = await stack.json<{ operations: { status: string }[] }>(
      '/devicecontrol/operations?deviceId=1002&pageSize=100',
      { headers: { authorization: basic('admin') } },
    );
    expect(operations.map(({ status }) => status)).toEqual(['SUCCESSFUL']);
    echo.close();
  });
});

/** In place of npm: deploys the small archives of this folder unless others are named, and packs nothing. */
const NPM = `#!/bin/sh
[ "$2" = pack ] && exit
[ "$1 $2 $3" = 'run deploy --' ] || exit 9
shift 3
exec node ${join(ROOT, 'tools', 'deploy', 'main.mjs')} --timeout 2 \\
  --service "$NEW_SERVICE" --plugin "$NEW_PLUGIN" "$@"
`;

describe('the deploying that docs/ describes', () => {
  const folder = temporaryFolder('docs-deploying');
  let emulator: Emulator;
  let platform: FailingProxy;

  beforeAll(async () => {
    emulator = await Emulator.start({ password: PASSWORD, bare: true });
    // The images are empty, so somebody else has to answer for the service.
    platform = await FailingProxy.start(emulator.url, ({ url = '' }, response) => {
      const up = { managedObjects: [{ c8y_Status: { status: 'Up', instances: {} } }] };
      if (url !== '/service/remoteaccess/health' && !url.includes('type=c8y_Application_')) {
        return false;
      }
      response.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' });
      response.end(JSON.stringify(up));
      return true;
    });
    writeFileSync(join(folder.path, 'npm'), NPM, { mode: 0o755 });
    for (const version of ['0.2.0', '0.3.0']) {
      const file = (name: string): string => join(folder.path, `${name}-${version}.zip`);
      copyFileSync(smallService(folder.path, { version }), file('cloud-remote-access'));
      copyFileSync(smallPlugin(folder.path, version), file('remote-access-plugin'));
    }
  });
  afterAll(async () => {
    await platform.stop();
    await emulator.stop();
    folder.remove();
  });

  async function follow(page: string, version: string): Promise<string> {
    const script = scriptOf(page, 'run against a local tenant')
      .replaceAll('https://tenant.example.com', platform.url)
      .replaceAll('t12345/admin', 't1001/admin')
      .replace('C8Y_PASSWORD=…', `C8Y_PASSWORD=${PASSWORD}`);
    const env = {
      PATH: `${folder.path}:${process.env['PATH']}`,
      C8Y_PASSWORD: PASSWORD,
      NEW_SERVICE: `cloud-remote-access-${version}.zip`,
      NEW_PLUGIN: `remote-access-plugin-${version}.zip`,
    };
    const shell = new Shell(script, env, folder.path);
    expect([await shell.exit, shell.output]).toEqual([0, expect.any(String)]);
    return shell.output;
  }

  it('installs, upgrades, goes back and uninstalls', async () => {
    const installed = await follow('install.md', '0.2.0');
    expect(installed).toContain('can deploy version 0.2.0');
    expect(installed).toContain('Version 0.2.0 is deployed and healthy');
    const { applications } = emulator.store;
    const own = (): string[] =>
      applications.list().flatMap(({ owner, name }) => (owner === 't1001' ? [name] : []));
    expect(own()).toContain('cloud-remote-access');

    const upgraded = await follow('upgrade.md', '0.3.0');
    const deployed = [...upgraded.matchAll(/^Version (\S+) is deployed and healthy/gm)];
    expect(deployed.map(([, version]) => version)).toEqual(['0.3.0', '0.2.0']);

    await follow('uninstall.md', '0.2.0');
    expect(own()).toEqual([]);
  });
});
