import { RemoteAccessError } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { MemoryBudget, memoryLimits, type Reservation } from '../memory/memory-budget';
import { FakePlatform } from './fake-platform.fixture';
import { PlatformRequests } from './platform-requests';

const sender = { authorization: 'Basic abc' };

let platform: FakePlatform;
const memory = new MemoryBudget(memoryLimits(64 * 1024 * 1024, false));
beforeEach(async () => (platform = await FakePlatform.start()));
afterEach(() => platform.stop());

const send = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  timeoutMs = 5_000,
): Promise<unknown> =>
  new PlatformRequests(
    platform.url,
    memory,
    { 'x-key': 'application' },
    { timeoutMs, firstDelayMs: 10 },
  ).send(sender, { method, path }, '/ana');

const get = (path: string, timeoutMs?: number): Promise<unknown> => send('GET', path, timeoutMs);

async function failure(work: Promise<unknown>): Promise<RemoteAccessError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RemoteAccessError) return error;
  throw new Error('nothing was refused');
}

describe('a request to the platform', () => {
  it('carries the credentials and returns the JSON of the response', async () => {
    const seen: unknown[] = [];
    platform.answer('GET /a', (request, response) => {
      seen.push(request.headers.authorization, request.headers['x-key']);
      response.end('{"a":1}');
    });
    await expect(get('/a')).resolves.toEqual({ a: 1 });
    expect(seen).toEqual(['Basic abc', 'application']);
  });

  it('tells the time by the platform’s clock, whatever the machine’s says', async () => {
    const requests = new PlatformRequests(platform.url, memory);
    expect(Math.abs(requests.now() - Date.now())).toBeLessThan(60_000);
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    platform.answer('GET /a', (_request, response) => {
      response.writeHead(200, { date }).end('{}');
    });
    platform.answer('GET /b', (_request, response) => {
      response.writeHead(200, { date: 'never' }).end('{}');
    });
    for (const path of ['/a', '/b']) {
      await requests.send(sender, { method: 'GET', path });
      expect(Math.abs(requests.now() - Date.parse(date))).toBeLessThan(60_000);
    }
  });

  it('uses the connection of the previous request', async () => {
    const ports = new Set<number | undefined>();
    platform.answer('GET /a', (request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{}');
    });
    const requests = new PlatformRequests(platform.url, memory);
    for (let i = 0; i < 3; i += 1) await requests.send(sender, { method: 'GET', path: '/a' });
    expect(ports.size).toBe(1);
  });

  it('carries a body in UTF-8', async () => {
    const received: Buffer[] = [];
    platform.answer('POST /a', (request, response) => {
      request.on('data', (chunk: Buffer) => received.push(chunk));
      request.once('end', () => response.end('{}'));
    });
    const requests = new PlatformRequests(platform.url, memory);
    await requests.send(sender, { method: 'POST', path: '/a', body: { name: 'Käse 🧀' } });
    expect(JSON.parse(Buffer.concat(received).toString('utf8'))).toEqual({ name: 'Käse 🧀' });
  });

  it('counts a large response in the memory of its user while it arrives (security)', async () => {
    let more: (() => void) | undefined;
    platform.answer('GET /large', (_request, response) => {
      response.write(`"${'x'.repeat(1024 * 1024)}`);
      more ??= () => response.end('"');
    });
    const large = get('/large');
    await waitUntil('it is counted', () => memory.usedBytes >= 4 * 1024 * 1024);
    // A user has 8 MiB.
    await expect(failure(get('/large'))).resolves.toMatchObject({ code: 'too-many-requests' });
    more?.();
    await expect(large).resolves.toHaveLength(1024 * 1024);
    expect(memory.usedBytes).toBe(0);
  });

  it('does not count small responses, so that they never wait for memory', async () => {
    platform.answer('GET /a', (_request, response) => void response.end('{"a":1}'));
    const full = memory.reserve({ tenant: 'answers' }, 16 * 1024 * 1024);
    await expect(get('/a')).resolves.toEqual({ a: 1 });
    (full as Reservation).release();
  });

  it('returns null for an empty response and undefined for a 404', async () => {
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
  ])('that is answered with %i fails as %s', async (status, code) => {
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

  it('fails in time if the response never arrives or never ends', async () => {
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
    const nobody = new PlatformRequests('http://127.0.0.1:1', memory);
    const refused = failure(nobody.send(sender, { method: 'GET', path: '/' }));
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

describe('a request that fails temporarily', () => {
  /** Answers with the statuses in turn, and with 429 and headers; then with an object. */
  function answerInTurn(
    call: string,
    ...statuses: (number | 'break' | Record<string, string>)[]
  ): void {
    platform.answer(call, (request, response) => {
      const status = statuses.shift();
      if (status === 'break') request.socket.destroy();
      else if (typeof status === 'object') response.writeHead(429, status).end();
      else if (status === undefined) response.end('{"a":1}');
      else response.writeHead(status).end();
    });
  }

  it.each([502, 503, 504, 'break', 429] as const)('with %s is retried if it reads', async how => {
    answerInTurn('GET /a', how);
    await expect(get('/a')).resolves.toEqual({ a: 1 });
    expect(platform.requests).toHaveLength(2);
  });

  it('is sent three times at most', async () => {
    answerInTurn('GET /a', 503, 503, 503);
    await expect(failure(get('/a'))).resolves.toMatchObject({ code: 'platform-failed' });
    expect(platform.requests).toHaveLength(3);
  });

  it.each(['POST', 'PUT', 'DELETE'] as const)(
    'is not retried by %s, which may have taken effect, unless it was rejected',
    async method => {
      for (const how of [503, 'break'] as const) {
        answerInTurn(`${method} /a`, how);
        await expect(failure(send(method, '/a'))).resolves.toMatchObject({
          code: 'platform-failed',
        });
      }
      expect(platform.requests).toHaveLength(2);
      answerInTurn(`${method} /a`, 429);
      await expect(send(method, '/a')).resolves.toEqual({ a: 1 });
    },
  );

  it('waits as long as the platform asks, if there is time', async () => {
    answerInTurn('GET /a', { 'retry-after': '1' });
    const startedAt = performance.now();
    await get('/a');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_000);
    answerInTurn('GET /a', { 'retry-after': '1' });
    await expect(failure(get('/a', 1_000))).resolves.toMatchObject({
      code: 'platform-failed',
      message: expect.stringContaining('limits the number of requests'),
    });
  });

  it('waits until the time that the platform names', async () => {
    const inMs = (ms: number): string => new Date(Date.now() + ms).toUTCString();
    answerInTurn('GET /a', { 'retry-after': inMs(60_000) });
    await expect(failure(get('/a'))).resolves.toMatchObject({
      message: expect.stringContaining('limits the number of requests'),
    });
    expect(platform.requests).toHaveLength(1);
    answerInTurn('GET /a', { 'retry-after': inMs(-60_000) });
    await expect(get('/a')).resolves.toEqual({ a: 1 });
  });

  it.each(['-1', 'soon', '1e9', 'in 2099', ''])('is retried soon after "%s"', async text => {
    answerInTurn('GET /a', { 'retry-after': text });
    await expect(get('/a')).resolves.toEqual({ a: 1 });
  });

  it.each([400, 401, 403, 409, 500])('is not retried after %i', async status => {
    answerInTurn('GET /a', status);
    await failure(get('/a'));
    expect(platform.requests).toHaveLength(1);
  });
});
