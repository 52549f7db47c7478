import { RemoteAccessError } from '@remote-access/contracts';
import { Secret } from '@remote-access/settings';
import { CallerCredentials } from './caller-credentials';
import { FakePlatform } from './fake-platform.fixture';
import { PlatformRequests } from './platform-requests';

const credentials = CallerCredentials.basic('t1', 'service', new Secret('hunter2'));

let platform: FakePlatform;
beforeEach(async () => (platform = await FakePlatform.start()));
afterEach(() => platform.stop());

const get = (path: string, timeoutMs?: number): Promise<unknown> =>
  new PlatformRequests(platform.url, timeoutMs).send(credentials, { method: 'GET', path });

async function failure(work: Promise<unknown>): Promise<RemoteAccessError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RemoteAccessError) return error;
  throw new Error('nothing was refused');
}

describe('a request to the platform', () => {
  it('carries the credentials and returns the JSON of the answer', async () => {
    const seen: unknown[] = [];
    platform.answer('GET /a', (request, response) => {
      seen.push(request.headers.authorization);
      response.end('{"a":1}');
    });
    await expect(get('/a')).resolves.toEqual({ a: 1 });
    expect(seen).toEqual([`Basic ${Buffer.from('t1/service:hunter2').toString('base64')}`]);
  });

  it('returns null for an empty answer and undefined for a 404', async () => {
    platform.answer('GET /empty', 204);
    await expect(get('/empty')).resolves.toBeNull();
    await expect(get('/nothing')).resolves.toBeUndefined();
  });

  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [409, 'conflict'],
    [429, 'platform-failed'],
    [500, 'platform-failed'],
    [503, 'platform-failed'],
  ])('that is answered %i fails as %s', async (status, code) => {
    platform.answer('GET /a', status);
    await expect(failure(get('/a'))).resolves.toMatchObject({ code });
  });

  it('keeps the platform’s reason for a 403', async () => {
    platform.answer('GET /a', (_request, response) =>
      response.writeHead(403).end('{"error":"security/Forbidden","message":"No access to gw-1"}'),
    );
    await expect(failure(get('/a'))).resolves.toMatchObject({ message: 'No access to gw-1' });
  });

  it.each<[string, string]>([
    ['HTML', '<html>'],
    ['half of an answer', '{"a":'],
  ])('that is answered with %s fails', async (_name, body) => {
    platform.answer('GET /a', (_request, response) => response.end(body));
    await expect(failure(get('/a'))).resolves.toMatchObject({ code: 'platform-failed' });
  });

  it('fails in time if the answer never comes or never ends', async () => {
    platform.answer('GET /silent', () => undefined);
    platform.answer('GET /half', (_request, response) => void response.write('{'));
    for (const path of ['/silent', '/half']) {
      const error = await failure(get(path, 50));
      expect(error.code).toBe('platform-timeout');
    }
  });

  it('fails if the connection breaks or is refused', async () => {
    platform.answer('GET /a', request => request.socket.destroy());
    await expect(failure(get('/a'))).resolves.toMatchObject({ code: 'platform-failed' });
    const nobody = new PlatformRequests('http://127.0.0.1:1');
    const refused = failure(nobody.send(credentials, { method: 'GET', path: '/' }));
    await expect(refused).resolves.toMatchObject({ code: 'platform-failed' });
  });

  it('does not follow redirects with the credentials', async () => {
    platform.answer('GET /a', (_request, response) =>
      response.writeHead(302, { location: `${platform.url}/b` }).end(),
    );
    await expect(failure(get('/a'))).resolves.toMatchObject({ code: 'platform-failed' });
    expect(platform.requests).toEqual(['GET /a']);
  });
});
