import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emulator } from './emulator';
import { RestClient, startEmulator } from './rest-client.fixture';

describe('the emulator', () => {
  let emulator: Emulator;
  const as = (user?: string) => new RestClient(emulator.url, user);

  beforeEach(async () => {
    emulator = await startEmulator();
  });
  afterEach(() => emulator.stop());

  it('answers 501 for what it does not emulate', async () => {
    for (const [method, path] of [
      ['GET', '/measurement/measurements'],
      ['DELETE', '/devicecontrol/operations'],
      ['PUT', '/audit/auditRecords/1'],
      ['GET', '/INVENTORY/managedObjects'],
    ] as const) {
      const response = await fetch(emulator.url + path, { method });
      expect(response.status).toBe(501);
      expect(await response.json()).toMatchObject({
        error: 'emulator/Not Implemented',
        message: expect.stringContaining(`${method} ${path}`),
      });
    }
  });

  it.each([
    ['{"name":', 'admin', 400],
    ['nonsense', 'admin', 400],
    ['[]', 'admin', 400],
    ['7', 'admin', 400],
    ['null', 'viewer', 403],
    ['{}', 'viewer', 403],
  ])("answers the body %s of %s in the platform's format", async (body, user, status) => {
    const reply = await as(user).post('/inventory/managedObjects', body);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error: expect.any(String), message: expect.any(String) });
  });

  it('refuses a body of 10 MB', async () => {
    const body = { name: 'x'.repeat(10 * 1024 * 1024) };
    const reply = await as('admin').post('/inventory/managedObjects', body);
    expect(reply.status).toBe(413);
    expect(reply.body.error).toBe('general/payloadTooLarge');
  });

  it.each(['/inventory/managedObjects/%', '/inventory/managedObjects/%ff', '/apps/%c0%ae/x'])(
    'refuses the address %s',
    async path => {
      const reply = await as('admin').get(path);
      expect([400, 404]).toContain(reply.status);
    },
  );

  it.each([
    '/inventory/managedObjects/1001/',
    '//inventory/managedObjects/1001',
    '/inventory//managedObjects/1001',
    '/inventory/managedobjects/1001',
    '/inventory/managedObjects/%31%30%30%31',
    '/inventory%2fmanagedObjects%2f1001',
    '/apps/x/..%2f..%2finventory/managedObjects/1001',
    '/service/../inventory/managedObjects/1001',
  ])('security: shows nothing without authentication at %s', async path => {
    const { port } = new URL(emulator.url);
    const call = request({ host: '127.0.0.1', port, path });
    call.end();
    const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(text).not.toContain('Factory');
  });

  it('listens on loopback only', () => {
    expect(new URL(emulator.url).hostname).toBe('127.0.0.1');
  });

  it('fails to start if the port is taken', async () => {
    const port = Number(new URL(emulator.url).port);
    await expect(startEmulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  });

  it('answers an upgrade to an unknown path with 404', async () => {
    const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1');
    socket.write(
      'GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    );
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1\.1 404 /);
    await once(socket.resume(), 'close');
  });

  describe('with deadlines', () => {
    let hurried: Emulator;
    let folder: string;
    const opened: Socket[] = [];

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'emulator-tls-'));
      hurried = await startEmulator({
        https: { port: 0, folder },
        deadlines: { headersMs: 300, requestMs: 500, checkMs: 20 },
      });
    });
    afterEach(async () => {
      for (const socket of opened.splice(0)) socket.destroy();
      await hurried.stop();
      await rm(folder, { recursive: true });
    });

    const send = async (text: string, url = hurried.url): Promise<Socket> => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      opened.push(socket);
      await once(socket, 'connect');
      socket.on('error', () => undefined).resume();
      socket.write(text);
      return socket;
    };
    const post = (path: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;

    it.each([
      ['that sends nothing', ''],
      ['with unfinished headers', post('/tenant/oauth')],
      ['with an unfinished body', `${post('/tenant/oauth')}Content-Length: 9\r\n\r\n{`],
      ['with unfinished chunks', `${post('/tenant/oauth')}Transfer-Encoding: chunked\r\n\r\n1`],
      ['real time, unfinished', `${post('/notification/realtime')}Content-Length: 9\r\n\r\n[`],
      ['refused, unfinished', `${post('/inventory/managedObjects')}Content-Length: 9\r\n\r\n{`],
    ])('security: closes a connection %s', async (_what, text) => {
      await once(await send(text), 'close');
    });

    it('security: closes a connection that does not finish its TLS handshake', async () => {
      await once(await send('\x16\x03\x01', hurried.httpsUrl), 'close');
    });

    it('does not end held connects and WebSockets', async () => {
      const upgraded = await send(
        'GET /notification/realtime HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n' +
          'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      const realtime = async (path: string, message: object): Promise<Response> =>
        fetch(`${hurried.url}/notification/realtime/${path}`, {
          method: 'POST',
          headers: { Authorization: `Basic ${btoa('engineer:remote-access')}` },
          body: JSON.stringify([message]),
        });
      const shaken = await realtime('handshake', { channel: '/meta/handshake', version: '1.0' });
      const [{ clientId }] = (await shaken.json()) as [{ clientId: string }];
      let answered = false;
      const held = realtime('connect', { channel: '/meta/connect', clientId });
      held.then(
        () => (answered = true),
        () => (answered = true),
      );
      // Later connections are closed first.
      await once(await send(''), 'close');
      await once(await send(`${post('/tenant/oauth')}Content-Length: 9\r\n\r\n{`), 'close');
      expect([upgraded.closed, answered]).toEqual([false, false]);
      await realtime('disconnect', { channel: '/meta/disconnect', clientId });
      expect((await held).status).toBe(200);
    });
  });

  it('closes open connections when it stops', async () => {
    const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await emulator.stop();
    await closed;
  });

  describe('with a microservice', () => {
    let microservice: Server;

    beforeEach(async () => {
      microservice = createServer((incoming, response) => {
        response.end(`${incoming.url} ${incoming.headers.authorization?.split(' ')[0]}`);
      }).listen(0, '127.0.0.1');
      await once(microservice, 'listening');
    });
    afterEach(async () => {
      microservice.closeAllConnections();
      await once(microservice.close(), 'close');
    });

    it('routes /service/remoteaccess to it once its URL is set', async () => {
      const path = '/service/remoteaccess/health?x=1';
      expect((await as('viewer').get(path)).status).toBeGreaterThanOrEqual(500);
      const { port } = microservice.address() as AddressInfo;
      emulator.routeMicroservice(`http://127.0.0.1:${port}`);
      const reply = await as('viewer').get(path);
      expect(reply.text).toBe('/health?x=1 Basic');
    });
  });

  it.each(['/notification/realtime', '/cep/realtime'])('serves real time at %s', async path => {
    const reply = await as('engineer').post(
      `${path}/handshake`,
      [{ channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] }],
      {},
    );
    expect(reply.body[0]).toMatchObject({ channel: '/meta/handshake', successful: true });
  });

  it('has no channels of devices under the older name of real time', async () => {
    expect((await as('engineer').post('/cep/operations/handshake', [], {})).status).toBe(404);
  });
});

describe('the state', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emulator-data-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is kept if a folder is given', async () => {
    const first = await startEmulator({ dataFolder: folder });
    const admin = new RestClient(first.url, 'admin');
    await admin.put('/inventory/managedObjects/1001', { note: 'kept' });
    await admin.put('/tenant/options/a/b', { value: 'c' });
    const { body } = await admin.post('/devicecontrol/operations', { deviceId: '1001' });
    const secrets = JSON.stringify(first.store.tenant('t1001')!.options);
    await first.stop();

    const second = await startEmulator({ dataFolder: folder });
    const again = new RestClient(second.url, 'admin');
    expect((await again.get('/inventory/managedObjects/1001')).body.note).toBe('kept');
    expect((await again.get(`/devicecontrol/operations/${body.id}`)).status).toBe(200);
    const next = await again.post('/devicecontrol/operations', { deviceId: '1001' });
    expect(Number(next.body.id)).toBeGreaterThan(Number(body.id));
    expect(JSON.stringify(second.store.tenant('t1001')!.options)).toBe(secrets);
    await second.stop();
  });

  it('gives the service user the roles of the current manifest when it is restored', async () => {
    const id = 'service_cloud-remote-access';
    const first = await startEmulator({ dataFolder: folder });
    const { accounts } = first.store.tenant('t1001')!;
    const { roles, password } = accounts.get(id)!;
    accounts.put({ ...accounts.get(id)!, roles: ['ROLE_INVENTORY_READ'] });
    await first.stop();
    const second = await startEmulator({ dataFolder: folder });
    expect(second.store.tenant('t1001')!.accounts.get(id)).toMatchObject({ roles, password });
    await second.stop();
  });

  it('is lost with the process otherwise', async () => {
    const first = await startEmulator();
    await new RestClient(first.url, 'admin').delete('/inventory/managedObjects/1002');
    await first.stop();
    const second = await startEmulator();
    const reply = await new RestClient(second.url, 'admin').get('/inventory/managedObjects/1002');
    await second.stop();
    expect(reply.status).toBe(200);
  });
});
