import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { startAgent, type Agent, type AgentSettings } from '@remote-access/agent';
import { CertificateAuthority, tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { Received } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';

/** No resolver knows it, so nothing reaches the platform except through the proxy. */
const PLATFORM = 'platform.test';
const USER = 'gateway';
const PROXY_PASSWORD = 's3cret@plant';

const authority = new CertificateAuthority('Company CA');
const sockets = new Set<Socket>();
const servers: TcpServer[] = [];
let stack: Stack;
let target: TcpTarget;
let agent: Agent | undefined;
let stopping: AbortController;

beforeEach(async () => {
  stopping = new AbortController();
  target = await tcpTarget();
});
afterEach(async () => {
  stopping.abort();
  await agent?.stop();
  agent = undefined;
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) await once(server.close(), 'close');
  await stack.stop();
  await target.stop();
});
afterAll(() => authority.remove());

const listen = async (server: TcpServer): Promise<number> => {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const join = (near: Socket, far: Socket): void => {
  near.pipe(far).pipe(near);
  near.on('error', () => far.destroy()).once('close', () => far.destroy());
  far.on('error', () => near.destroy()).once('close', () => near.destroy());
};

const identityOf = (name: string): { cert: string; key: string } => {
  const { certificate, key } = authority.issue({ commonName: name, subjectAltName: `DNS:${name}` });
  return { cert: certificate, key };
};

/** TLS in front of a part of the platform. */
const secured = (port: string): Promise<number> =>
  listen(
    createTlsServer(identityOf(PLATFORM), socket =>
      join(socket, connect(Number(port), '127.0.0.1')),
    ),
  );

/** A proxy that is reached over TLS, wants a sign-in, and alone knows where the platform is. */
class TlsProxy {
  readonly destinations = new Set<string>();
  refusals = 0;

  private constructor(readonly port: number) {}

  static async start(): Promise<TlsProxy> {
    const server: Server = createServer(identityOf('localhost'));
    const proxy = new TlsProxy(await listen(server));
    const expected = `Basic ${btoa(`${USER}:${PROXY_PASSWORD}`)}`;
    server.on('connect', ({ url = '', headers }, near: Socket) => {
      if (headers['proxy-authorization'] !== expected) {
        proxy.refusals += 1;
        near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      proxy.destinations.add(url);
      const far = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
        near.write('HTTP/1.1 200 Connection established\r\n\r\n');
        join(near, far);
      });
      far.on('error', () => near.destroy());
    });
    return proxy;
  }

  url(password = PROXY_PASSWORD): string {
    return `https://${USER}:${encodeURIComponent(password)}@localhost:${this.port}`;
  }
}

describe.each(['rest', 'mqtt'] as const)('an agent behind a proxy over TLS, over %s', transport => {
  let proxy: TlsProxy;
  let logged: string[];
  let settings: AgentSettings;
  let ports: { platform: number; mqtt: number | undefined };

  beforeEach(async () => {
    stack = await Stack.start({
      agent: false,
      agentSettings: { transport },
      env: { ALLOWED_ORIGINS: `https://${PLATFORM}` },
    });
    proxy = await TlsProxy.start();
    const { url, mqttUrl } = stack.emulator;
    ports = {
      platform: await secured(new URL(url).port),
      mqtt: mqttUrl === undefined ? undefined : await secured(new URL(mqttUrl).port),
    };
    logged = [];
    settings = stack.settingsOfAgent({
      baseUrl: `https://${PLATFORM}:${ports.platform}`,
      ...(ports.mqtt !== undefined && { mqttUrl: `mqtts://${PLATFORM}:${ports.mqtt}` }),
      network: { proxy: proxy.url(), caFile: authority.certificatePath },
    });
  });

  const start = async (): Promise<void> => {
    agent = await startAgent(settings, {
      log: (event, fields) => void logged.push(`${event} ${JSON.stringify(fields)}`),
      signal: stopping.signal,
    });
  };

  it('serves sessions, all of it through the proxy', async () => {
    await start();
    const { id } = await stack.addEndpoint({
      ...{ name: 'Plc', hostname: '127.0.0.1', port: target.port, protocol: 'PASSTHROUGH' },
    });
    const near = new Received(await stack.connectRaw(id));
    near.send(Buffer.from('through two layers of TLS'));
    expect(String(await near.has(25))).toBe('through two layers of TLS');
    await stack.operationsEnd();
    await near.leave();
    const reached = [ports.platform, ports.mqtt].filter(port => port !== undefined);
    expect([...proxy.destinations].sort()).toEqual(
      reached.map(port => `${PLATFORM}:${port}`).sort(),
    );
    expect(proxy.refusals).toBe(0);
  });

  it.each([
    ['refuses the sign-in', { proxy: 'wrong' }, /refused its user name and password \(407\)/],
    [
      'has a certificate of an unknown CA',
      { caFile: 'none' },
      /the proxy localhost:\d+ has a certificate that was not issued by a CA that this machine trusts/,
    ],
  ])('says that the proxy %s, and nothing secret', async (_what, wrong, expected) => {
    settings = {
      ...settings,
      network: {
        proxy: 'proxy' in wrong ? proxy.url('not the password') : proxy.url(),
        ...('caFile' in wrong ? {} : { caFile: authority.certificatePath }),
      },
    };
    const starting = start();
    await waitUntil('the reason', () => logged.some(line => line.startsWith('not listening')));
    stopping.abort();
    await starting;
    expect(logged.join('\n')).toMatch(expected);
    expect(logged.join('\n')).not.toMatch(/s3cret|not%20the|not the password/);
  });
});
