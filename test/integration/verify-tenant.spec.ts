import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Emulator } from '@remote-access/emulator';
import { tcpTarget } from '@remote-access/testkit';
import { GATEWAY, Stack } from '../fixtures/stack';

const TOOL = join(__dirname, '..', '..', 'tools', 'verify-tenant', 'main.mjs');
const PASSWORD = 'a password & more';
const CREDENTIALS = { C8Y_TENANT: 't1001', C8Y_USER: 'admin', C8Y_PASSWORD: PASSWORD };

interface Run {
  readonly code: number | null;
  readonly report: string;
  readonly messages: string;
}

/** @param stopAt stops the tool, like Ctrl+C, when it has printed this */
async function verify(
  url: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = CREDENTIALS,
  stopAt?: string,
): Promise<Run> {
  const child = spawn(process.execPath, [TOOL, '--url', url, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (stopAt !== undefined && chunk.includes(stopAt)) child.kill('SIGINT');
  });
  const [report, messages] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, report, messages };
}

/** Sets a password that occurs nowhere else in a report. */
function setPassword({ store }: Emulator): void {
  const { accounts } = store.tenant('t1001')!;
  accounts.put({ ...accounts.get('admin')!, password: PASSWORD });
}

/** The names of the checks with a verdict. */
const named = ({ report }: Run, verdict: string): string[] =>
  [...report.matchAll(new RegExp(`^- \\*\\*([a-z-]+): ${verdict}\\*\\*`, 'gm'))].map(
    ([, name = '']) => name,
  );

/**
 * What the local platform cannot show: it has no groups, and headers sent to the service are not
 * visible from outside.
 */
const NOT_CHECKED = [
  'long-connections',
  'effective-roles-include-groups',
  'inventory-roles-in-device-permissions',
  'stand-in-header',
  'forwarded-headers',
  'encrypted-options-as-headers',
  'environment-of-the-service',
  'password-of-the-service-user',
  'availability-of-a-gateway',
];

describe.each([
  ['the local platform', false],
  ['the local platform with a hosted service', true],
])('verify-tenant against %s', (_name, asHosted) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false, asHosted, prepare: setPassword });
  });
  afterAll(() => stack.stop());

  const objects = (): string[] => {
    const tenant = stack.emulator.store.tenant('t1001')!;
    const { managedObjects, options, externalIds } = tenant;
    const ids = [managedObjects, options, externalIds].flatMap(one =>
      one.list().map(({ id }) => id),
    );
    // Set by the service itself when its first endpoint is added.
    return ids.filter(id => id !== 'remoteaccess/endpoints.authenticated');
  };

  it.each(['basic', 'cookie'])('finds no difference with %s sign-in', async kind => {
    const run = await verify(stack.emulator.url, ['--write', '--sign-in', kind]);
    expect(named(run, 'differs')).toEqual([]);
    expect(named(run, 'not checked')).toEqual(NOT_CHECKED);
    expect(named(run, 'agrees').length).toBeGreaterThan(45);
    expect(run.code).toBe(0);
  });

  it('leaves nothing behind but audit records', async () => {
    const before = objects();
    const run = await verify(stack.emulator.url, ['--write']);
    expect(run.report).not.toContain('Could not be deleted');
    expect(objects()).toEqual(before);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const before = objects();
    const run = await verify(stack.emulator.url, ['--write'], CREDENTIALS, 'options-by-category');
    expect(run.report).not.toContain('removal-of-an-option');
    expect(objects()).toEqual(before);
  });

  it('changes nothing without --write', async () => {
    const before = JSON.stringify(stack.emulator.store);
    const run = await verify(stack.emulator.url);
    expect(run.code).toBe(0);
    expect(JSON.stringify(stack.emulator.store)).toBe(before);
  });

  it('reports without names and secrets', async () => {
    const { report } = await verify(stack.emulator.url, ['--write']);
    for (const text of [PASSWORD, 'eyJ', 't1001', 'admin', '127.0.0.1', '1001']) {
      expect(report).not.toContain(text);
    }
  });

  it('reports what differs, and fails', async () => {
    stack.emulator.routeMicroservice(undefined);
    try {
      const run = await verify(stack.emulator.url);
      expect(named(run, 'differs')).toEqual(['service-health']);
      expect(named(run, 'not checked')).toContain('upgrade-with-cookie');
      expect(run.code).toBe(1);
    } finally {
      stack.emulator.routeMicroservice(stack.microservice.url);
    }
  });

  it('does not check what the user may not access', async () => {
    const run = await verify(stack.emulator.url, [], {
      ...CREDENTIALS,
      C8Y_USER: 'viewer',
      C8Y_PASSWORD: 'remote-access',
    });
    expect(named(run, 'differs')).toEqual([]);
    expect(named(run, 'not checked')).toContain('options-of-the-category');
  });
});

it('verify-tenant detects an ingress that demands credentials on an upgrade', async () => {
  const stack = await Stack.start({
    agent: false,
    asHosted: true,
    upgradeNeedsCredentials: true,
    prepare: setPassword,
  });
  try {
    const run = await verify(stack.emulator.url, ['--write']);
    expect(named(run, 'differs')).toEqual([
      'upgrade-without-credentials',
      'upgrade-with-ticket-only',
      'session-with-ticket-only',
    ]);
    expect(named(run, 'agrees')).toContain('session-with-cookie');
    expect(run.report).toContain('the ingress refuses: 401');
  } finally {
    await stack.stop();
  }
});

describe('verify-tenant against a platform that repeats every secret', () => {
  const SECRETS = { authorization: 'COOKIE-secret', xsrf: 'XSRF-secret', token: 'TOKEN-secret' };
  let platform: Server;
  let url = '';

  beforeAll(async () => {
    platform = createServer((request, response) => {
      const { authorization, cookie, host } = request.headers;
      const error = [authorization, cookie, host, PASSWORD, ...Object.values(SECRETS)].join(' ');
      response.setHeader('Set-Cookie', [
        `authorization=${SECRETS.authorization}; HttpOnly`,
        `XSRF-TOKEN=${SECRETS.xsrf}`,
      ]);
      response.writeHead(request.url === '/user/currentUser' ? 200 : 418);
      response.end(JSON.stringify({ error, id: error, access_token: SECRETS.token }));
    });
    platform.listen(0, '127.0.0.1');
    await once(platform, 'listening');
    url = `http://127.0.0.1:${(platform.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    platform.closeAllConnections();
    await once(platform.close(), 'close');
  });

  it('reports without them', async () => {
    const { report } = await verify(url);
    const basic = Buffer.from(`t1001/admin:${PASSWORD}`).toString('base64');
    for (const secret of [PASSWORD, basic, ...Object.values(SECRETS), new URL(url).port]) {
      expect(report).not.toContain(secret);
    }
    expect(report).toContain('<cookie>');
  });

  it('gives up, with the reason, if --write cannot create its device', async () => {
    const run = await verify(url, ['--write']);
    expect(run.code).toBe(1);
    expect(run.messages).toContain('may create a device');
    expect(named(run, 'differs')).toContain('service-health');
    for (const secret of [PASSWORD, ...Object.values(SECRETS)]) {
      expect(run.messages).not.toContain(secret);
    }
  });
});

describe('verify-tenant with a session', () => {
  it('keeps it open for as long as it is told to', async () => {
    const [stack, target] = await Promise.all([
      Stack.start({ prepare: setPassword }),
      tcpTarget(socket => socket.resume()),
    ]);
    try {
      const { port } = target;
      const body = { name: 'Plc', hostname: '127.0.0.1', port, protocol: 'PASSTHROUGH' } as const;
      const { id } = await stack.addEndpoint(body);
      const args = ['--session', `${GATEWAY}/${id}`, '--hold', '1'];
      const run = await verify(stack.emulator.url, args);
      expect(named(run, 'agrees')).toContain('long-connections');
      expect(run.report).toContain('open for 1 s, 0 pings');
    } finally {
      await Promise.all([stack.stop(), target.stop()]);
    }
  });

  it.each([
    ['is lost after a ping', Buffer.from([0x89, 2, 1, 2]), 'differs', 'without a close frame'],
    [
      'is closed properly',
      Buffer.from([0x82, 126, 0, 1, 7, 0x88, 2, 3, 233]),
      'not checked',
      '1001',
    ],
  ])('tells what happened if it %s', async (_name, frames, verdict, words) => {
    const answered: Buffer[] = [];
    const platform = createServer((request, response) => {
      response.end(JSON.stringify({ id: 'admin', path: request.url }));
    });
    platform.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('end', () => socket.end()).resume();
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      if (request.url !== '/service/remoteaccess/client/7/configurations/2') return;
      socket.write(frames);
      socket.on('data', (bytes: Buffer) => {
        answered.push(bytes);
        socket.end();
      });
      if (verdict !== 'differs') socket.end();
    });
    platform.listen(0, '127.0.0.1');
    await once(platform, 'listening');
    try {
      const url = `http://127.0.0.1:${(platform.address() as AddressInfo).port}`;
      const run = await verify(url, ['--session', '7/2', '--hold', '60']);
      expect(named(run, verdict)).toContain('long-connections');
      expect(run.report).toContain(words);
      // The pong repeats what the ping contained (RFC 6455, section 5.5.3).
      const pong = Buffer.from([0x8a, 0x82, 0, 0, 0, 0, 1, 2]);
      expect(Buffer.concat(answered)).toEqual(verdict === 'differs' ? pong : Buffer.alloc(0));
    } finally {
      platform.closeAllConnections();
      await once(platform.close(), 'close');
    }
  });
});

describe('verify-tenant', () => {
  it('docs/emulator-differences.md lists what it checks, with the sources', async () => {
    const { report } = await verify('http://127.0.0.1:1', ['--list']);
    const rowsOf = (page: string): string[] =>
      page
        .replaceAll(/ {2,}/g, ' ')
        .split('\n')
        .filter(line => /^\| `[a-z-]+` \| /.test(line));
    const page = join(__dirname, '..', '..', 'docs', 'emulator-differences.md');
    expect(rowsOf(report).length).toBeGreaterThan(60);
    const listed = new Set(rowsOf(readFileSync(page, 'utf8')));
    expect(rowsOf(report).filter(row => !listed.has(row))).toEqual([]);
  });

  it.each([
    ['without an address', ['--url', ''], '--url is missing'],
    ['with a malformed address', ['--url', 'nonsense'], '--url nonsense is not an address'],
    ['with a password in the address', ['--url', 'https://a:b@c.example'], 'C8Y_PASSWORD'],
    ['for plain HTTP elsewhere', ['--url', 'http://tenant.example.com'], 'https://'],
    ['with an unknown sign-in', ['--sign-in', 'sso'], 'basic or cookie'],
    ['with an unknown option', ['--wrong'], '--wrong'],
    ['with half of a session', ['--session', '1001'], 'like 1001/1'],
    ['with a session for no time', ['--session', '1001/1', '--hold', '0'], 'must be seconds'],
  ])('explains itself %s', async (_name, args, words) => {
    const run = await verify('http://127.0.0.1:1', args);
    expect(run.code).toBe(1);
    expect(run.messages).toContain(words);
  });

  it('says which credential is missing if nobody can be asked', async () => {
    const run = await verify('http://127.0.0.1:1', [], { C8Y_TENANT: 't1001', C8Y_USER: 'admin' });
    expect(run.messages).toContain('Set C8Y_PASSWORD');
  });

  it('asks on the terminal, and does not echo the password', async () => {
    const command = `"${process.execPath}" "${TOOL}" --url http://127.0.0.1:1`;
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { PATH: process.env['PATH'], SHELL: '/bin/sh', TERM: 'dumb' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answers = new Map([
      ['Tenant id', 't1001'],
      ['User', 'admin'],
      ['Password', PASSWORD],
    ]);
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      shown += chunk;
      for (const [prompt, answer] of answers) {
        if (!new RegExp(`${prompt}[^:]*: `).test(shown)) continue;
        answers.delete(prompt);
        child.stdin.write(`${answer}\r`);
      }
    });
    await once(child, 'close');
    expect(shown).toContain('cannot be reached');
    expect(shown).toContain('t1001');
    expect(shown).not.toContain(PASSWORD);
  });

  it('says so if the platform cannot be reached', async () => {
    const run = await verify('http://127.0.0.1:1');
    expect(run.code).toBe(1);
    expect(run.messages).toContain('cannot be reached');
  });
});
