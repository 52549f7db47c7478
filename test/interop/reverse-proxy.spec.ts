import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  CertificateAuthority,
  tcpTarget,
  type IssuedCertificate,
  type TcpTarget,
} from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { startNameServer, startProxy, type NameServer } from '../fixtures/nginx';
import { OwnHosting } from '../fixtures/own-hosting';
import { Received } from '../fixtures/raw-device';
import { basic, PASSWORD } from '../fixtures/stack';
import type { Daemon } from './servers/daemon';

jest.setTimeout(60_000);

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

let authority: CertificateAuthority;
let identity: IssuedCertificate;
let nameServer: NameServer;
beforeAll(async () => {
  authority = new CertificateAuthority();
  identity = authority.issue({ commonName: 'localhost', subjectAltName: 'DNS:localhost' });
  nameServer = await startNameServer();
});
afterAll(() => {
  nameServer.stop();
  authority.remove();
});

/** A request to the proxy. */
async function call(proxy: Daemon, path: string, init: Call = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body = '' } = init;
  const sent = request(`https://localhost:${proxy.port}${path}`, {
    ...{ method, headers, ca: authority.certificate, agent: false },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode!, headers: response.headers, body: text };
}

describe('deploy/nginx.conf, in front of a tenant and of a service that it does not host', () => {
  let hosting: OwnHosting;
  let proxy: Daemon;
  let echo: TcpTarget;
  let origin: string;

  beforeAll(async () => {
    echo = await tcpTarget();
    hosting = await OwnHosting.start({ authority, identity, nameServer });
    ({ proxy, origin } = hosting);
  });
  afterAll(async () => {
    await hosting.stop();
    await echo.stop();
  });

  it('carries a session from the sign-in to the last byte, with page and gateway at its address', async () => {
    const signIn = await call(proxy, '/tenant/oauth?tenant_id=t1001', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      body: `grant_type=PASSWORD&username=engineer&password=${PASSWORD}`,
    });
    expect(signIn.status).toBe(200);
    const cookie = (signIn.headers['set-cookie'] ?? []).map(one => one.split(';')[0]).join('; ');
    const xsrfToken = /XSRF-TOKEN=([^;]+)/.exec(cookie)?.[1] ?? '';
    const headers = { cookie, origin, 'x-xsrf-token': xsrfToken };

    const devices = '/service/remoteaccess/devices/1001/configurations';
    const made = await call(proxy, devices, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ name: 'Echo', protocol: 'PASSTHROUGH', hostname: '127.0.0.1', port: echo.port },
        credentialsType: 'NONE',
      }),
    });
    expect([made.status, made.body]).toEqual([201, expect.stringContaining('"name":"Echo"')]);
    const { id } = JSON.parse(made.body) as { id: string };

    const path = `/service/remoteaccess/client/1001/configurations/${id}`;
    const address = `${origin.replace('https', 'wss')}${path}?XSRF-TOKEN=${xsrfToken}`;
    const open = (from: string): WebSocket =>
      new WebSocket(address, { headers: { cookie, origin: from }, ca: authority.certificate });
    const foreign = open('https://evil.example.com');
    foreign.on('error', () => undefined);
    const [, refused] = (await once(foreign, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(refused.statusCode).toBe(403);

    const socket = open(origin);
    await once(socket, 'open');
    const received = new Received(socket);
    received.send(Buffer.from('hello'));
    expect(String(await received.has(5))).toBe('hello');
    await received.leave();
  });

  it('carries real time of the platform over a WebSocket', async () => {
    const address = `wss://localhost:${proxy.port}/notification/realtime`;
    const socket = new WebSocket(address, {
      headers: { authorization: basic('engineer'), origin },
      ca: authority.certificate,
    });
    await once(socket, 'open');
    socket.send(
      JSON.stringify([
        {
          ...{ channel: '/meta/handshake', version: '1.0', minimumVersion: '1.0', id: '1' },
          supportedConnectionTypes: ['websocket'],
        },
      ]),
    );
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(String(message))).toMatchObject([
      { channel: '/meta/handshake', successful: true },
    ]);
    socket.close();
  });

  it('passes on paths below the service as they are, and nothing beside it', async () => {
    const escaped = await call(proxy, '/service/remoteaccess/devices/%2e%2e%2f1/configurations', {
      headers: { authorization: basic('engineer') },
    });
    expect([escaped.status, escaped.body]).toEqual([404, expect.stringContaining('not-found')]);
    const health = await call(proxy, '/service/remoteaccess/health');
    expect(health.status).toBe(200);
    const beside = await call(proxy, '/service/remoteaccess-other/health', {
      headers: { authorization: basic('engineer') },
    });
    expect(beside.status).toBe(404);
  });
});

describe('deploy/nginx.conf, in front of a recording tenant', () => {
  /** What the tenant was asked, request by request. */
  const asked: { headers: IncomingHttpHeaders; url?: string; name: string | false | null }[] = [];
  let tenant: Server;
  let proxy: Daemon;
  let origin: string;

  beforeAll(async () => {
    const { key, certificate } = authority.issue({
      ...{ commonName: 'tenant', subjectAltName: 'DNS:tenant.example.com' },
    });
    tenant = createServer({ key, cert: certificate }, (incoming, response) => {
      const { headers, url, socket } = incoming;
      asked.push({ headers, url, name: (socket as TLSSocket).servername });
      response.writeHead(302, {
        Location: `https://${headers.host}/apps/cockpit/?a=%2F`,
        'Set-Cookie': [
          'authorization=a; Domain=tenant.example.com; Path=/',
          'XSRF-TOKEN=b; Path=/',
        ],
      });
      response.end();
    }).listen(0, '127.0.0.1');
    await once(tenant, 'listening');
    proxy = await start(authority.certificatePath);
    origin = `https://localhost:${proxy.port}`;
  });
  afterAll(async () => {
    await proxy.stop();
    tenant.close();
  });

  const start = (authorities: string): Promise<Daemon> =>
    startProxy({
      tenant: `https://tenant.example.com:${(tenant.address() as AddressInfo).port}`,
      ...{ authorities, servicePort: 9, identity, nameServer },
    });

  it('asks by the name of the tenant, as a page of its own', async () => {
    await call(proxy, '/apps/%2f?b=%20', { headers: { origin } });
    const { port } = tenant.address() as AddressInfo;
    expect(asked.at(-1)).toMatchObject({
      url: '/apps/%2f?b=%20',
      name: 'tenant.example.com',
      headers: {
        host: `tenant.example.com:${port}`,
        origin: `https://tenant.example.com:${port}`,
      },
    });
  });

  it('leaves foreign origins foreign, and adds none', async () => {
    await call(proxy, '/', { headers: { origin: 'https://evil.example.com' } });
    expect(asked.at(-1)!.headers.origin).toBe('https://evil.example.com');
    await call(proxy, '/', { headers: { origin: `${origin}.evil.example.com` } });
    expect(asked.at(-1)!.headers.origin).toBe(`${origin}.evil.example.com`);
    await call(proxy, '/');
    expect(asked.at(-1)!.headers).not.toHaveProperty('origin');
  });

  it('keeps cookies and redirects at its own address', async () => {
    const { headers } = await call(proxy, '/');
    expect(headers['set-cookie']).toEqual([
      'authorization=a; Domain=localhost; Path=/',
      'XSRF-TOKEN=b; Path=/',
    ]);
    expect(new URL(headers.location!, origin).href).toBe(`${origin}/apps/cockpit/?a=%2F`);
  });

  it('sends nothing to a tenant whose certificate it cannot verify', async () => {
    const other = new CertificateAuthority('Another CA');
    const before = asked.length;
    const suspicious = await start(other.certificatePath);
    expect((await call(suspicious, '/')).status).toBe(502);
    expect(asked).toHaveLength(before);
    await suspicious.stop();
    other.remove();
  });
});
