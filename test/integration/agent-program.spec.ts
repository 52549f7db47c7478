import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Operation } from '@remote-access/contracts/platform';
import {
  CertificateAuthority,
  tcpTarget,
  temporaryFolder,
  waitUntil,
  type TcpTarget,
} from '@remote-access/testkit';
import { ProgramProcess } from '../fixtures/program-process';
import { basic, PASSWORD } from '../fixtures/stack';

jest.setTimeout(120_000);

interface Ready {
  readonly ready: string;
  readonly mqtt: string;
  readonly mqtts: string;
  readonly https: string;
  readonly ca: string;
}

const folder = temporaryFolder('agent-program');
const settingsFile = join(folder.path, 'agent.toml');
let emulator: ProgramProcess;
let platform: Ready;
let target: TcpTarget;
let agent: ProgramProcess | undefined;

beforeAll(async () => {
  emulator = await ProgramProcess.start('emulator', { PASSWORD }, /^\{"ready"/, [
    ...['--port', '0', '--https-port', '0', '--mqtt-port', '0', '--mqtts-port', '0'],
    ...['--https-folder', folder.path],
  ]);
  platform = JSON.parse(emulator.lines[0]!) as Ready;
  target = await tcpTarget();
});
afterAll(async () => {
  await emulator.end();
  await target.stop();
  folder.remove();
});
afterEach(async () => {
  await agent?.end();
  agent = undefined;
});

/** Writes the settings file; each line has the form `limits.sessions = 1`. */
const settings = (...lines: string[]): void => {
  const all = [
    `platform.url = "${platform.ready.replace(/\/$/, '')}"`,
    'device.external_id = "gw-1"',
    'device.user = "t1001/device_gw-1"',
    `device.password = "${PASSWORD}"`,
    `transport.mqtt_url = "${platform.mqtt}"`,
    `status.socket = "${join(folder.path, 'status.sock')}"`,
  ].filter(line => !lines.some(other => other.split(' ')[0] === line.split(' ')[0]));
  writeFileSync(settingsFile, [...all, ...lines].join('\n'), { mode: 0o600 });
};

const start = async (): Promise<ProgramProcess> =>
  (agent = await ProgramProcess.start('agent', {}, /"event":"ready"/, [
    '--settings',
    settingsFile,
  ]));

/** Runs a command of the agent until it exits. */
const run = (...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise(resolve => {
    const main = join(__dirname, '..', '..', 'apps', 'agent', 'dist', 'main.js');
    const all = [main, ...args, '--settings', settingsFile];
    execFile(process.execPath, all, { env: {} }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });

const call = async <Body>(path: string, init: RequestInit = {}, user = 'admin'): Promise<Body> => {
  const response = await fetch(new URL(path, platform.ready), {
    ...init,
    headers: { authorization: basic(user), 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
};
const create = (key: string, port = target.port): Promise<Operation> =>
  call('/devicecontrol/operations', {
    method: 'POST',
    body: JSON.stringify({
      deviceId: '1001',
      c8y_RemoteAccessConnect: { hostname: '127.0.0.1', port, connectionKey: key },
    }),
  });
const operation = (id: string): Promise<Operation> => call(`/devicecontrol/operations/${id}`);
const becomes = (id: string, status: string): Promise<void> =>
  waitUntil(`${id} is ${status}`, async () => (await operation(id)).status === status);

describe.each(['rest', 'mqtt'])('over %s', transport => {
  it('an agent that was killed leaves no operation EXECUTING once it is back', async () => {
    settings(`transport.type = "${transport}"`, 'consent.command = ["/bin/sleep", "20"]');
    const running = await start();
    const { id } = await create(`killed-${transport}`);
    await becomes(id, 'EXECUTING');
    await running.end('SIGKILL');
    await start();
    await becomes(id, 'FAILED');
    expect(await operation(id)).toMatchObject({
      failureReason: "the gateway's agent was restarted",
    });
  });

  it('an agent that is killed at any moment leaves no operation open', async () => {
    settings(`transport.type = "${transport}"`);
    const ids: string[] = [];
    for (const delayMs of [0, 5, 15, 40]) {
      const running = await start();
      const created = Array.from({ length: 5 }, (_, count) =>
        create(`moment-${transport}-${delayMs}-${count}`),
      );
      ids.push(...(await Promise.all(created)).map(({ id }) => id));
      await pause(delayMs);
      await running.end('SIGKILL');
    }
    await start();
    for (const id of ids) await becomes(id, 'FAILED');
  });

  it('takes operations that were created while it was away', async () => {
    settings(`transport.type = "${transport}"`, 'targets.deny = ["*"]');
    const { id } = await create(`pending-${transport}`);
    await start();
    await becomes(id, 'FAILED');
    expect((await operation(id)).failureReason).toMatch(/is denied by this gateway/);
  });
});

it('reads its settings again on SIGHUP, and keeps the old ones if the new ones are invalid', async () => {
  settings('targets.deny = ["127.0.0.1"]');
  const running = await start();
  const denied = await create('denied');
  await becomes(denied.id, 'FAILED');
  settings('targets.deny = ["10.0.0.1"]', 'consent.command = ["/bin/false"]');
  running.process.kill('SIGHUP');
  await waitUntil('reloaded', () => running.lines.some(line => line.includes('settings reloaded')));
  const asked = await create('asked');
  await becomes(asked.id, 'FAILED');
  expect((await operation(asked.id)).failureReason).toBe('the gateway did not consent');
  settings('targets.deny = ["nonsense of a host"]');
  running.process.kill('SIGHUP');
  await waitUntil('refused', () => running.lines.some(line => line.includes('not reloaded')));
  const refused = running.lines.find(line => line.includes('not reloaded'))!;
  expect((JSON.parse(refused) as { reason: string }).reason).toMatch(/^targets\.deny .*nonsense/);
  const again = await create('again');
  await becomes(again.id, 'FAILED');
  expect((await operation(again.id)).failureReason).toBe('the gateway did not consent');
});

it('status shows the sessions of the running agent', async () => {
  settings('consent.command = ["/bin/sleep", "20"]');
  expect(await run('status')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/No agent answers/),
  });
  await start();
  const { id } = await create('shown');
  await becomes(id, 'EXECUTING');
  const { code, output } = await run('status');
  expect(code).toBe(0);
  expect(output).toMatch(/^gw-1 at http:.* over rest, running since /);
  expect(output).toContain('\n1 session\n');
  expect(output).toContain(`127.0.0.1:${target.port}`);
});

describe('check', () => {
  const authority = new CertificateAuthority();
  afterAll(() => authority.remove());

  it('finds everything in order, over both transports', async () => {
    for (const transport of ['rest', 'mqtt']) {
      settings(`transport.type = "${transport}"`);
      const { code, output } = await run('check', `127.0.0.1:${target.port}`);
      expect(output).toContain('Everything is in order.');
      expect(output).toContain('device: Factory gateway (1001)');
      expect(output).toContain(`target: connected to 127.0.0.1:${target.port}`);
      expect(code).toBe(0);
    }
  });

  it.each([
    ['a wrong password', ['device.password = "wrong"'], /401.*\n +Check device.user/],
    ['an unknown device', ['device.external_id = "nobody"'], /404.*\n +Check device.external_id/],
    ['an unknown setting', ['limits.sesions = 1'], /no setting limits.sesions/],
    ['a platform that is off', ['platform.url = "http://127.0.0.1:1"'], /cannot be reached/],
    ['an unknown name', ['platform.url = "http://no.invalid"'], /no\.invalid cannot be/],
    [
      'a user that the broker refuses',
      ['transport.type = "mqtt"', 'device.user = "t1001/x"'],
      /refused.*\n +Check device.user/,
    ],
    [
      'a user of another device',
      ['transport.type = "mqtt"', 'device.user = "t1001/device_gw-2"'],
      /does not own the device.*\n +Check device.user/,
    ],
    [
      'a proxy that is off',
      ['platform.proxy = "http://127.0.0.1:1"', 'platform.url = "http://a.invalid"'],
      /the proxy 127\.0\.0\.1:1 could not/,
    ],
  ])('says what is wrong with %s', async (_what, lines, expected) => {
    settings(...lines);
    const { code, output } = await run('check');
    expect(output).toMatch(expected);
    expect(code).toBe(1);
  });

  it('says what is wrong with certificates', async () => {
    const url = `platform.url = "${platform.https.replace(/\/$/, '')}"`;
    settings(url);
    expect((await run('check')).output).toMatch(
      /not issued by a CA .* trusts\n +Set platform.ca_file/,
    );
    settings(url, `platform.ca_file = "${platform.ca}"`);
    expect((await run('check')).output).toContain('Everything is in order.');
    for (const [commonName, validity, expected] of [
      ['gw-1', { days: -1 }, /\(gw-1\) expired on /],
      [
        'gw-1',
        { startsInDays: 1 },
        /\(gw-1\) is not valid before 20\S+Z\n +The clock of this gateway shows 20\S+Z\. If that is wrong, set it/,
      ],
      ['gw-2', {}, /is for gw-2, but the external id is gw-1/],
      ['gw-1', {}, /refused the device.*\n +Add the CA of the certificate/],
    ] as const) {
      const { certificatePath, keyPath } = authority.issue({ commonName, ...validity });
      settings(
        `device.certificate_file = "${certificatePath}"`,
        `device.key_file = "${keyPath}"`,
        `platform.ca_file = "${platform.ca}"`,
        `transport.mqtt_url = "${platform.mqtts}"`,
      );
      expect((await run('check')).output).toMatch(expected);
    }
  });

  describe.each([
    ['the platform', 'platform.url', 'https', 'rest'],
    ['the broker', 'transport.mqtt_url', 'mqtts', 'mqtt'],
  ])('names the certificate of %s, and says what to do', (_server, setting, scheme, transport) => {
    it.each([
      [
        'has expired',
        { subjectAltName: 'IP:127.0.0.1', days: -1 },
        'has expired\\n +If the clock of this gateway is right, the platform needs a new certificate',
      ],
      [
        'is not valid yet',
        { subjectAltName: 'IP:127.0.0.1', startsInDays: 1 },
        'is not valid yet\\n +The clock of this gateway shows 20\\S+Z\\. If that is wrong, set it, and use NTP; otherwise the platform needs another certificate\\.',
      ],
      [
        'is for another name',
        { subjectAltName: 'DNS:other.test' },
        `is for other names: DNS:other\\.test\\n +Use one of these names in ${setting}\\.`,
      ],
    ])('if it %s', async (_problem, request, expected) => {
      const { certificate: cert, key } = authority.issue({ commonName: 'server', ...request });
      const server = createTlsServer({ cert, key }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      settings(
        `${setting} = "${scheme}://127.0.0.1:${port}"`,
        `transport.type = "${transport}"`,
        `platform.ca_file = "${authority.certificatePath}"`,
      );
      const { code, output } = await run('check');
      server.close();
      expect(output).toMatch(
        new RegExp(`FAILED .*the certificate of 127\\.0\\.0\\.1\\S* ${expected}`),
      );
      expect(code).toBe(1);
    });
  });

  it.each([
    ['has expired', { subjectAltName: 'DNS:localhost', days: -1 }, 'the proxy needs a new certif'],
    [
      'is not valid yet',
      { subjectAltName: 'DNS:localhost', startsInDays: 1 },
      'otherwise the proxy needs another certificate',
    ],
    ['is for another name', { subjectAltName: 'DNS:other.test' }, 'in platform\\.proxy\\.'],
  ])('says what to do if the certificate of the proxy %s', async (_problem, request, remedy) => {
    const { certificate: cert, key } = authority.issue({ commonName: 'proxy', ...request });
    const server = createTlsServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    settings(
      'platform.url = "https://a.invalid"',
      `platform.proxy = "https://localhost:${port}"`,
      `platform.ca_file = "${authority.certificatePath}"`,
    );
    const { code, output } = await run('check');
    server.close();
    expect(output).toMatch(new RegExp(`FAILED .*the proxy localhost:${port} .*\\n +.*${remedy}`));
    expect(code).toBe(1);
  });

  it.each([
    ['behind', 600],
    ['ahead of', -600],
  ])('says that the clock is %s that of the platform', async (direction, shiftSeconds) => {
    const shifted = createServer((_request, response) => {
      const date = new Date(Date.now() + shiftSeconds * 1000).toUTCString();
      response.writeHead(401, { date }).end();
    }).listen(0, '127.0.0.1');
    await once(shifted, 'listening');
    settings(`platform.url = "http://127.0.0.1:${(shifted.address() as AddressInfo).port}"`);
    const { code, output } = await run('check');
    shifted.close();
    const finding = `this gateway is (59\\d|60\\d) s ${direction} the platform\\n +Set the clock`;
    expect(output).toMatch(new RegExp(finding));
    expect(code).toBe(1);
  });

  it('says why a target cannot be reached', async () => {
    settings('targets.deny = ["10.0.0.1"]');
    expect((await run('check', '127.0.0.1:1')).output).toMatch(/connection refused/);
    expect((await run('check', '10.0.0.1:22')).output).toMatch(/is denied/);
    expect((await run('check', 'nonsense')).output).toMatch(/Write it as host:port/);
  });

  it('says that a file is readable by others (security)', async () => {
    settings();
    chmodSync(settingsFile, 0o644);
    expect((await run('check')).output).toMatch(/can be read by other users\n +Run: chmod/);
  });
});

it('explains its command line', async () => {
  settings();
  expect(await run('--help')).toMatchObject({ code: 0, output: expect.stringMatching(/^Usage/) });
  expect(await run('fly')).toMatchObject({ code: 2, output: expect.stringContaining('Usage') });
  expect(await run('--fly')).toMatchObject({ code: 2, output: expect.stringContaining('--fly') });
});
