import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emulator } from './emulator';
import { RestClient, startEmulator } from './rest-client.fixture';

describe('built applications', () => {
  let emulator: Emulator;
  let folder: string;
  const get = (path: string) => new RestClient(emulator.url).get(path);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emulator-apps-'));
    await mkdir(join(folder, 'shell'));
    await mkdir(join(folder, 'login'));
    await writeFile(join(folder, 'secret.txt'), 'secret');
    for (const file of ['index.html', 'remoteEntry.js', 'chunk.0123456789abcdef.js', '.hidden']) {
      await writeFile(join(folder, 'shell', file), `shell ${file}`);
    }
    await writeFile(join(folder, 'login', 'index.html'), 'login');
    emulator = await startEmulator({
      appsFolders: {
        devicemanagement: join(folder, 'shell'),
        'public/login': join(folder, 'login'),
        unbuilt: join(folder, 'nothing'),
      },
    });
  });
  afterEach(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['/apps/devicemanagement/', 'shell index.html', 'no-cache'],
    ['/apps/devicemanagement/index.html', 'shell index.html', 'no-cache'],
    ['/apps/devicemanagement/remoteEntry.js?nocache=1', 'shell remoteEntry.js', 'no-cache'],
    ['/apps/devicemanagement@latest/remoteEntry.js', 'shell remoteEntry.js', 'no-cache'],
    ['/apps/devicemanagement@1.0.0/', 'shell index.html', 'no-cache'],
    [
      '/apps/devicemanagement/chunk.0123456789abcdef.js',
      'shell chunk.0123456789abcdef.js',
      'public, max-age=31536000, immutable',
    ],
    ['/apps/public/login/', 'login', 'no-cache'],
    ['/apps/public/login/index.html', 'login', 'no-cache'],
  ])('are served at %s without authentication', async (path, text, cache) => {
    const reply = await get(path);
    expect([reply.status, reply.text]).toEqual([200, text]);
    expect(reply.headers.get('cache-control')).toBe(cache);
  });

  it.each([
    ['/', '/apps/devicemanagement/index.html'],
    ['/apps/devicemanagement', '/apps/devicemanagement/'],
    ['/apps/public/login', '/apps/public/login/'],
  ])('redirect from %s to %s', async (path, location) => {
    const reply = await get(path);
    expect([reply.status, reply.headers.get('location')]).toEqual([302, location]);
  });

  it.each([
    '/apps/devicemanagement/nothing.js',
    '/apps/devicemanagement/.hidden',
    '/apps/unbuilt/index.html',
    '/apps/other/index.html',
    '/apps/constructor/index.html',
    '/apps/public/other/index.html',
    '/apps/public/user-defined-translations/en.json',
  ])('answer 404 in JSON at %s', async path => {
    const reply = await get(path);
    expect([reply.status, reply.body.error]).toEqual([404, 'application/Not Found']);
  });

  it.each([
    '/apps/devicemanagement/../secret.txt',
    '/apps/devicemanagement/..%2fsecret.txt',
    '/apps/devicemanagement/%2e%2e/secret.txt',
    '/apps/devicemanagement/..%5csecret.txt',
    '/apps/devicemanagement//../../secret.txt',
    '/apps/devicemanagement/x%00/../../secret.txt',
    '/apps/../secret.txt',
  ])('security: never leave their folder by %s', async path => {
    const { port } = new URL(emulator.url);
    const call = request({ host: '127.0.0.1', port, path });
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(text).not.toBe('secret');
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
  });

  describe('that the build has compressed', () => {
    const path = '/apps/devicemanagement/chunk.0123456789abcdef.js';
    const file = (suffix: string): string =>
      join(folder, 'shell', `chunk.0123456789abcdef.js${suffix}`);
    const getAs = async (
      encodings: string,
    ): Promise<{ headers: IncomingHttpHeaders; bytes: string }> => {
      const { port } = new URL(emulator.url);
      const headers = { 'accept-encoding': encodings };
      const call = request({ host: '127.0.0.1', port, path, headers });
      call.end();
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      let bytes = '';
      for await (const chunk of response) bytes += String(chunk);
      return { headers: response.headers, bytes };
    };

    beforeEach(async () => {
      await writeFile(file('.br'), 'brotli');
      await writeFile(file('.gz'), 'gzip');
    });

    it.each([
      ['gzip, deflate, br', 'br', 'brotli'],
      ['gzip, deflate', 'gzip', 'gzip'],
      ['br;q=0, gzip', 'gzip', 'gzip'],
      ['identity', undefined, 'shell chunk.0123456789abcdef.js'],
    ])('are sent to %s as %s', async (accepted, encoding, bytes) => {
      const reply = await getAs(accepted);
      expect(reply.bytes).toBe(bytes);
      expect(reply.headers).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'Accept-Encoding',
      });
      expect(reply.headers['content-encoding']).toBe(encoding);
    });

    it('are sent uncompressed if they are newer than their compressed form', async () => {
      const past = new Date(Date.now() - 60_000);
      await utimes(file('.br'), past, past);
      await utimes(file('.gz'), past, past);
      expect((await getAs('br')).bytes).toBe('shell chunk.0123456789abcdef.js');
    });
  });

  it('have neither options nor an icon', async () => {
    const path = '/apps/public/public-options@app-devicemanagement/options.json?nocache=1';
    expect(await get(path)).toMatchObject({ status: 200, body: {} });
    expect((await get('/apps/public/other/options.json')).status).toBe(404);
    expect((await get('/favicon.ico')).status).toBe(204);
  });
});
