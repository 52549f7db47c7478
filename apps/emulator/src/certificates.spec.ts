import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emulator } from './emulator';
import { startEmulator } from './rest-client.fixture';
import type { IncomingMessage } from 'node:http';

describe('TLS', () => {
  let folder: string;
  let emulator: Emulator;

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'emulator-tls-')), 'ca');
    emulator = await startEmulator({ https: { port: 0, folder } });
  });
  afterEach(async () => {
    await emulator.stop();
    await rm(join(folder, '..'), { recursive: true });
  });

  it.each(['127.0.0.1', 'localhost'])('is trusted by its CA at %s', async hostname => {
    const ca = await readFile(emulator.caPath!);
    const url = new URL('/tenant/loginOptions', emulator.httpsUrl);
    url.hostname = hostname;
    const [response] = (await once(get(url, { ca, agent: false }), 'response')) as [
      IncomingMessage,
    ];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(text).self).toBe(`https://${url.host}/tenant/loginOptions`);
  });

  it('security: answers its own pages over TLS, and no others', async () => {
    const ca = await readFile(emulator.caPath!);
    const status = async (Origin: string, host = '127.0.0.1'): Promise<number | undefined> => {
      const headers = { Origin, Host: `${host}:${new URL(emulator.httpsUrl!).port}` };
      const url = new URL('/tenant/loginOptions', emulator.httpsUrl);
      const call = get(url, { ca, agent: false, headers, servername: 'localhost' });
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      return response.resume().statusCode;
    };
    const { httpsUrl: own = '' } = emulator;
    expect(await status(own)).toBe(200);
    expect(await status(own.replace('127.0.0.1', 'localhost'), 'localhost')).toBe(200);
    expect(await status(own.replace('https:', 'http:'))).toBe(403);
    expect(await status(own.replace('127.0.0.1', 'evil.example'))).toBe(403);
    expect(await status(own, 'evil.example')).toBe(421);
  });

  it('is not trusted without it', async () => {
    const failing = once(get(emulator.httpsUrl!, { agent: false }), 'response');
    await expect(failing).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('creates a valid CA, a new one for every start', async () => {
    const ca = new X509Certificate(await readFile(emulator.caPath!));
    expect(ca.ca).toBe(true);
    await emulator.stop();
    emulator = await startEmulator({ https: { port: 0, folder } });
    const next = new X509Certificate(await readFile(emulator.caPath!));
    expect(next.fingerprint256).not.toBe(ca.fingerprint256);
  });
});
