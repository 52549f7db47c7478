import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverIdentity } from './certificates';
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

  it('keeps its CA in a data folder, and replaces one that expires soon or is damaged', async () => {
    const data = join(folder, 'data');
    const now = new Date('2026-11-29T00:00:00Z');
    const first = await serverIdentity(folder, now, data);
    const ca = await readFile(first.caPath, 'utf8');
    expect((await stat(join(data, 'tls.json'))).mode & 0o077).toBe(0);
    const elsewhere = await serverIdentity(join(folder, 'other'), now, data);
    expect(elsewhere).toMatchObject({ key: first.key, cert: first.cert });
    expect(await readFile(elsewhere.caPath, 'utf8')).toBe(ca);
    const later = new Date('2026-12-25T00:00:00Z');
    expect((await serverIdentity(folder, later, data)).cert).not.toBe(first.cert);
    await writeFile(join(data, 'tls.json'), '{');
    expect((await serverIdentity(folder, now, data)).cert).not.toBe(first.cert);
    expect((await serverIdentity(folder, now)).cert).not.toBe(first.cert);
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

  it('is not trusted without the CA', async () => {
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
