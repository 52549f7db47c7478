import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Emulator } from '@remote-access/emulator';
import { rawUpgrade, type RawAnswer, type RawHeaders } from '../fixtures/raw-upgrade';
import { basic, PASSWORD, Stack } from '../fixtures/stack';

// To the browser, a page on a host name that resolves to 127.0.0.1 has the same origin as the local
// platform under that name. Only the Host and Origin headers distinguish it.
let stack: Stack;
let sessionPath: string;
beforeAll(async () => {
  stack = await Stack.start({ agent: false });
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
  const { id } = await stack.addEndpoint(body, '1002');
  sessionPath = stack.clientPath(id, '1002');
});
afterAll(() => stack.stop());

interface Door {
  readonly path: () => string;
  readonly method?: string;
  readonly headers?: RawHeaders;
  /** The status without a foreign host or origin. */
  readonly status: number;
}

const NO_UPGRADE = { Upgrade: undefined, Connection: 'close' };
const EMPTY_BODY = { ...NO_UPGRADE, 'Content-Length': '0' };

const DOORS: Readonly<Record<string, Door>> = {
  'the REST API': {
    path: () => '/tenant/currentTenant',
    headers: { ...NO_UPGRADE, Authorization: basic('admin') },
    status: 200,
  },
  'the sign-in': {
    path: () => `/tenant/oauth?tenant_id=t1001`,
    method: 'POST',
    headers: EMPTY_BODY,
    status: 400,
  },
  'the applications': { path: () => '/', headers: NO_UPGRADE, status: 302 },
  'the microservice': {
    path: () => '/service/remoteaccess/devices/1002/configurations',
    headers: { ...NO_UPGRADE, Authorization: basic('engineer') },
    status: 200,
  },
  "a session's WebSocket": {
    path: () => sessionPath,
    headers: { Authorization: basic('operator') },
    status: 101,
  },
  'real time by long polling': {
    path: () => '/notification/realtime',
    method: 'POST',
    headers: { ...EMPTY_BODY, Authorization: basic('engineer') },
    status: 400,
  },
  'real time by WebSocket': { path: () => '/notification/realtime', status: 101 },
  "a device's real time": { path: () => '/notification/operations', status: 101 },
  'an unknown WebSocket': { path: () => '/unknown', status: 404 },
};

const port = (): string => new URL(stack.emulator.url).port;
const withPort = (host: string): string => host.replaceAll('PORT', port());

async function ask(name: string, headers: RawHeaders): Promise<RawAnswer> {
  const { path, method, headers: usual } = DOORS[name]!;
  const all = { Host: '127.0.0.1', ...usual, ...headers };
  const answer = await rawUpgrade(stack.emulator.url, path(), all, method);
  answer.socket.destroy();
  return answer;
}

const OWN_HOSTS = [
  '127.0.0.1:PORT',
  '127.0.0.1',
  'localhost:PORT',
  'localhost',
  'LOCALHOST:PORT',
  'localhost:1',
  '[::1]:PORT',
  '[::1]',
];

const FOREIGN_HOSTS = [
  'evil.example',
  'evil.example:PORT',
  'localhost.evil.example:PORT',
  'LOCALHOST.EVIL.EXAMPLE',
  '127.0.0.1.nip.io:PORT',
  '127.0.0.1.evil.example',
  'evil-localhost',
  'app.localhost:PORT',
  'localhost.:PORT',
  '127.0.0.1.:PORT',
  'evil.example.',
  '0.0.0.0:PORT',
  '127.0.0.2:PORT',
  '127.1',
  '2130706433',
  '0x7f000001',
  '192.168.0.1:PORT',
  '[::]:PORT',
  '[::ffff:127.0.0.1]:PORT',
  '[::1%25lo]:PORT',
  '::1',
  '[::1].evil.example',
  'localhost@evil.example',
  'evil.example#localhost',
  'localhost, evil.example',
  'localhost:80:evil.example',
  'localhost:99999',
  '',
];

const OWN_ORIGINS = [
  'http://127.0.0.1:PORT',
  'http://localhost:PORT',
  'http://[::1]:PORT',
  // Through a forwarded port.
  'http://localhost:9000',
];

const FOREIGN_ORIGINS = [
  'http://evil.example',
  'http://evil.example:PORT',
  'http://localhost.evil.example:PORT',
  'http://127.0.0.1.nip.io:PORT',
  'http://app.localhost:PORT',
  'http://localhost.:PORT',
  'http://127.0.0.1:1',
  'http://127.0.0.1',
  'https://127.0.0.1:PORT',
  'http://0.0.0.0:PORT',
  'http://[::ffff:127.0.0.1]:PORT',
  'http://127.0.0.1:PORT/',
  'http://127.0.0.1:PORT@evil.example',
  'http://127.0.0.1:PORT, http://evil.example',
  'chrome-extension://abcdefghijklmnop',
  'null',
  '',
];

/** @returns the response status for each value of a header */
async function statuses(
  name: string,
  values: readonly string[],
  headersFor: (value: string) => RawHeaders,
): Promise<Record<string, number>> {
  const answers = values.map(async value => {
    const { status } = await ask(name, headersFor(withPort(value)));
    return [value, status] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

const all = (values: readonly string[], status: number): Record<string, number> =>
  Object.fromEntries(values.map(value => [value, status]));

describe.each(Object.keys(DOORS))('%s', name => {
  const { status } = DOORS[name]!;

  it("answers at the platform's own hosts, with any port or none", async () => {
    const answers = await statuses(name, OWN_HOSTS, Host => ({ Host }));
    expect(answers).toEqual(all(OWN_HOSTS, status));
  });

  it('answers at no other host', async () => {
    const answers = await statuses(name, FOREIGN_HOSTS, Host => ({ Host }));
    expect(answers).toEqual(all(FOREIGN_HOSTS, 421));
  });

  it('does not trust forwarded headers', async () => {
    const forged = {
      Host: 'evil.example',
      'X-Forwarded-Host': '127.0.0.1',
      'X-Forwarded-For': '127.0.0.1',
      Forwarded: 'host=127.0.0.1',
    };
    expect((await ask(name, forged)).status).toBe(421);
  });

  it('answers pages that the platform itself has served', async () => {
    const answers = await statuses(name, OWN_ORIGINS, Origin => {
      return { Host: Origin.replace('http://', ''), Origin };
    });
    expect(answers).toEqual(all(OWN_ORIGINS, status));
  });

  it('answers no other page', async () => {
    const Host = withPort('127.0.0.1:PORT');
    const answers = await statuses(name, FOREIGN_ORIGINS, Origin => ({ Host, Origin }));
    expect(answers).toEqual(all(FOREIGN_ORIGINS, 403));
  });

  it.each([
    ['a host', 421, { Host: 'evil.example' }],
    ['a page', 403, { Origin: 'http://evil.example' }],
  ] as const)(
    'says why it refuses %s, before it checks the credentials',
    async (_what, refused, foreign) => {
      const answer = await ask(name, { ...foreign, Authorization: basic('admin', 'wrong') });
      expect(answer.status).toBe(refused);
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(answer.headers.get('connection')).toBe('close');
      expect(answer.body).toMatch(/^This is a local platform\. .*set ALLOWED_ORIGINS/);
    },
  );
});

describe('a request with an odd head', () => {
  const head = async (...lines: string[]): Promise<string> => {
    const socket = connect(Number(port()), '127.0.0.1');
    await once(socket, 'connect');
    socket.write([...lines, '', ''].join('\r\n'));
    return text(socket);
  };
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];
  const PATH = '/tenant/loginOptions';

  it.each([
    ['HTTP/1.0 without a host', ['GET PATH HTTP/1.0']],
    ['HTTP/1.1 without a host', ['GET PATH HTTP/1.1', 'Connection: close']],
    ['an upgrade without a host', ['GET PATH HTTP/1.1', ...upgrade]],
    ['two hosts', ['GET PATH HTTP/1.1', 'Host: 127.0.0.1', 'Host: evil.example']],
    ['the same host twice', ['GET PATH HTTP/1.1', 'Host: 127.0.0.1', 'Host: 127.0.0.1']],
    ['a foreign host in the target', ['GET http://evil.examplePATH HTTP/1.1', 'Host: 127.0.0.1']],
    ['our host in the target only', ['GET http://127.0.0.1PATH HTTP/1.1', 'Host: evil.example']],
    ['a foreign host after Expect', ['POST PATH HTTP/1.1', 'Host: x', 'Expect: 100-continue']],
  ])('is refused: %s', async (_what, lines) => {
    const [first = '', ...rest] = lines;
    const answer = await head(first.replace('PATH', PATH), ...rest);
    expect(answer).toMatch(/HTTP\/1\.1 (?:400|421) /);
    expect(answer).not.toContain('loginOptions');
  });

  it('is refused: a tunnel', async () => {
    expect(await head('CONNECT evil.example:443 HTTP/1.1', 'Host: 127.0.0.1')).toBe('');
  });
});

it('the microservice itself gives a page on a foreign host nothing without credentials', async () => {
  const Origin = 'http://evil.example';
  const direct = async (path: string, headers: RawHeaders = {}): Promise<number> => {
    const all = { Host: 'evil.example', Origin, ...headers };
    const answer = await rawUpgrade(stack.microservice.url, path, all);
    answer.socket.destroy();
    return answer.status;
  };
  const path = sessionPath.replace('/service/remoteaccess', '');
  expect(await direct(path)).toBe(401);
  expect(await direct('/devices/1002/configurations', NO_UPGRADE)).toBe(401);
  expect(await direct('/settings', NO_UPGRADE)).toBe(401);
});

describe('ALLOWED_ORIGINS', () => {
  const STACK = 'https://stack.example.com:8443';
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await Emulator.start({ password: PASSWORD, allowedOrigins: [STACK] });
  });
  afterAll(() => emulator.stop());

  const status = async (headers: RawHeaders): Promise<number> => {
    const answer = await rawUpgrade(emulator.url, '/notification/realtime', headers);
    answer.socket.destroy();
    return answer.status;
  };

  it('lets a platform be reached under another name', async () => {
    expect(await status({ Host: 'stack.example.com:8443', Origin: STACK })).toBe(101);
    expect(await status({ Host: 'Stack.example.com' })).toBe(101);
    expect(await status({ Host: '127.0.0.1', Origin: STACK })).toBe(101);
  });

  it('admits only the listed origins', async () => {
    expect(await status({ Host: 'a.stack.example.com' })).toBe(421);
    expect(await status({ Host: 'stack.example.com.' })).toBe(421);
    for (const Origin of ['https://stack.example.com', 'https://evil.example:8443']) {
      expect(await status({ Host: 'stack.example.com:8443', Origin })).toBe(403);
    }
  });
});
