import { basic, Stack } from '../fixtures/stack';
import { rawUpgrade, type RawAnswer, type RawHeaders } from '../fixtures/raw-upgrade';

const CONFIGURED = 'https://portal.example.com';
const Authorization = basic('operator');

// Which pages may open a WebSocket. The local platform itself refuses foreign pages
// (dns-rebinding.spec.ts), so the microservice is addressed directly, in the way an ingress does.
describe.each([
  ['a service behind a configured proxy', false],
  ['a hosted service', true],
])('to %s', (_name, asHosted) => {
  let stack: Stack;
  let path: string;

  beforeAll(async () => {
    const env = asHosted ? {} : { ALLOWED_ORIGINS: CONFIGURED };
    stack = await Stack.start({ agent: false, asHosted, env });
    const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
    const { id } = await stack.addEndpoint(body, '1002');
    path = stack.clientPath(id, '1002');
  });
  afterAll(() => stack.stop());

  const own = (): string => stack.emulator.url;
  const direct = (path: string): string => path.replace('/service/remoteaccess', '');
  const forwarded = () => ({
    'X-Forwarded-Host': new URL(own()).host,
    'X-Forwarded-Proto': 'http',
  });
  const ask = async (path: string, headers: RawHeaders): Promise<RawAnswer> => {
    const Host = asHosted ? 'service.internal' : new URL(stack.microservice.url).host;
    const all = { Host, ...forwarded(), ...headers };
    const answer = await rawUpgrade(stack.microservice.url, direct(path), all);
    answer.socket.destroy();
    return answer;
  };
  const status = async (headers: RawHeaders, query = ''): Promise<number> =>
    (await ask(`${path}${query}`, headers)).status;

  async function signInCookies(): Promise<{ Cookie: string; xsrf: string }> {
    const { cookie, xsrfToken } = await stack.signIn('operator');
    expect(xsrfToken).not.toBe('');
    return { Cookie: cookie, xsrf: xsrfToken };
  }

  describe('a page', () => {
    it('from our own origin is admitted', async () => {
      expect(await status({ Origin: own(), Authorization })).toBe(101);
    });

    it('from a configured origin is admitted, and no origin is without the setting', async () => {
      expect(await status({ Origin: CONFIGURED, Authorization })).toBe(asHosted ? 403 : 101);
    });

    it.each([
      ['a foreign origin', 'https://evil.example'],
      ['the literal origin "null"', 'null'],
      ['an empty origin', ''],
      ['a sub-domain of a configured one', 'https://a.portal.example.com'],
      ['a look-alike with a suffix', 'https://portal.example.com.evil.example'],
      ['a look-alike with a prefix', 'https://evilportal.example.com'],
      ['the configured host over plain http', 'http://portal.example.com'],
      ['the configured host on another port', 'https://portal.example.com:8443'],
      ['the configured origin in capital letters', 'https://PORTAL.example.com'],
      ['the configured origin with a path', 'https://portal.example.com/'],
      ['two origins', `${CONFIGURED}, https://evil.example`],
      ['our address with a user in front', 'http://portal.example.com@127.0.0.1'],
    ])('from %s is refused before the upgrade', async (_name, origin) => {
      expect(await status({ Origin: origin, Authorization })).toBe(403);
    });

    it('from our own host on another port is admitted by a hosted service only', async () => {
      expect(await status({ Origin: 'http://127.0.0.1:1', Authorization })).toBe(
        asHosted ? 101 : 403,
      );
    });

    it('from a foreign origin is refused on a device route too', async () => {
      const answer = await ask('/device/00000000-0000-4000-8000-000000000000', {
        Origin: 'https://evil.example',
        Authorization: basic('device_gw-2'),
      });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ error: 'remoteaccess/foreign-origin' });
    });

    it('cannot claim our origin with forwarded headers of its own', async () => {
      const Origin = 'https://evil.example';
      const forged = { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' };
      const answer = await rawUpgrade(own(), path, { Origin, Authorization, ...forged });
      answer.socket.destroy();
      expect(answer.status).toBe(403);
    });

    it('gets no ticket for a foreign origin', async () => {
      const response = await fetch(`${stack.microservice.url}${direct(path)}/tickets`, {
        method: 'POST',
        headers: { ...forwarded(), authorization: Authorization, origin: 'https://evil.example' },
      });
      expect(response.status).toBe(403);
    });
  });

  describe('a program that sends no origin', () => {
    it('is admitted with an Authorization header', async () => {
      expect(await status({ Authorization })).toBe(101);
    });

    it('is admitted with a token in the query', async () => {
      const token = Authorization.slice('Basic '.length);
      expect(await status({}, `?token=${encodeURIComponent(token)}`)).toBe(101);
    });

    it('is admitted with a cookie only if the header or query contains the XSRF token', async () => {
      const { Cookie, xsrf } = await signInCookies();
      expect(await status({ Cookie, 'X-XSRF-TOKEN': xsrf })).toBe(101);
      expect(await status({ Cookie }, `?XSRF-TOKEN=${xsrf}`)).toBe(101);
      expect(await status({ Cookie })).toBe(401);
      expect(await status({ Cookie, 'X-XSRF-TOKEN': 'wrong' })).toBe(401);
      expect(await status({ Cookie }, '?XSRF-TOKEN=wrong')).toBe(401);
    });

    it('is refused without credentials', async () => {
      expect(await status({})).toBe(401);
    });
  });
});

it('forwarded headers of an untrusted proxy do not make an origin ours', async () => {
  const untrusting = await Stack.start({ agent: false, env: { TRUSTED_PROXIES: '' } });
  try {
    const answer = await rawUpgrade(untrusting.microservice.url, '/client/1002/configurations/1', {
      Host: 'service.internal',
      Origin: 'https://tenant.example.com',
      'X-Forwarded-Host': 'tenant.example.com',
      'X-Forwarded-Proto': 'https',
      Authorization,
    });
    answer.socket.destroy();
    expect(answer.status).toBe(403);
  } finally {
    await untrusting.stop();
  }
});
