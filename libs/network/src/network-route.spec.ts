import { once } from 'node:events';
import { get as httpsGet } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import tls, { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import {
  CertificateAuthority,
  type CertificateRequest,
  type IssuedCertificate,
} from '@remote-access/testkit';
import { certificateProblem } from './certificate-problem';
import { NetworkRoute } from './network-route';

/** A server on loopback whose connections end with the test. */
class Listener {
  readonly sockets: Socket[] = [];

  private constructor(private readonly server: Server) {
    server.on('connection', socket => {
      this.sockets.push(socket);
      socket.on('error', () => socket.destroy());
    });
  }

  static async start(server: Server): Promise<Listener> {
    const listener = new Listener(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return listener;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await once(this.server.close(), 'close');
  }
}

type Validity = Pick<CertificateRequest, 'days' | 'startsInDays'>;

describe('NetworkRoute', () => {
  const authority = new CertificateAuthority();
  const stranger = new CertificateAuthority('Somebody else');
  const listeners: Listener[] = [];
  afterAll(() => {
    authority.remove();
    stranger.remove();
  });
  afterEach(async () => {
    await Promise.all(listeners.splice(0).map(one => one.stop()));
  });

  const listen = async (server: Server): Promise<number> => {
    const listener = await Listener.start(server);
    listeners.push(listener);
    return listener.port;
  };
  const greeter = () => listen(createServer(socket => socket.end('hello')));
  const greeterOverTls = (request: Omit<CertificateRequest, 'commonName'> = {}) => {
    const { certificate, key } = authority.issue({
      ...{ commonName: 'platform', subjectAltName: 'DNS:platform.test' },
      ...request,
    });
    return listen(createTlsServer({ cert: certificate, key }, socket => socket.end('hello')));
  };

  /** A proxy that resolves every name to loopback. */
  const proxy = async (answer?: string): Promise<{ url: string; requests: string[] }> => {
    const requests: string[] = [];
    const port = await listen(createServer(socket => serveAsProxy(socket, requests, answer)));
    return { url: `http://user:pass%20word@127.0.0.1:${port}`, requests };
  };
  const serveAsProxy = (socket: Socket, requests: string[], answer?: string): void => {
    socket.once('data', (chunk: Buffer) => {
      const request = chunk.toString();
      requests.push(request);
      if (answer !== undefined) {
        socket.end(answer);
        return;
      }
      const [, wanted] = /^CONNECT [^ ]*:(\d+) /.exec(request) ?? [];
      const far = connect(Number(wanted), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n');
        socket.pipe(far).pipe(socket);
      });
      far.on('error', () => socket.destroy());
    });
  };
  /** The same over TLS, and the names under which it was asked for (SNI). */
  const secureProxy = async (
    { certificate, key }: IssuedCertificate,
    host = 'localhost',
  ): Promise<{ url: string; requests: string[]; names: unknown[] }> => {
    const requests: string[] = [];
    const names: unknown[] = [];
    const server = createTlsServer({ cert: certificate, key }, socket => {
      names.push((socket as TLSSocket & { servername?: string }).servername);
      socket.on('error', () => socket.destroy());
      serveAsProxy(socket, requests);
    });
    const port = await listen(server);
    return { url: `https://user:pass%20word@${host}:${port}`, requests, names };
  };
  const read = async (socket: Socket): Promise<string> => {
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  };

  it('connects directly', async () => {
    const port = await greeter();
    const socket = await new NetworkRoute().connect({ host: '127.0.0.1', port, tls: false });
    expect(await read(socket)).toBe('hello');
  });

  it('connects through a proxy, with its user name and password', async () => {
    const port = await greeter();
    const { url, requests } = await proxy();
    const route = new NetworkRoute({ proxy: url });
    const socket = await route.connect({ host: 'platform.test', port, tls: false });
    expect(await read(socket)).toBe('hello');
    expect(requests).toEqual([
      `CONNECT platform.test:${port} HTTP/1.1\r\nHost: platform.test:${port}\r\n` +
        `Proxy-Authorization: Basic ${btoa('user:pass word')}\r\n\r\n`,
    ]);
  });

  it('uses TLS through the proxy, and additionally trusts the CA of its file', async () => {
    const port = await greeterOverTls();
    const { url } = await proxy();
    const caFile = authority.certificatePath;
    const route = new NetworkRoute({ proxy: url, caFile });
    const socket = await route.connect({ host: 'platform.test', port, tls: true });
    expect(await read(socket)).toBe('hello');
  });

  describe('through a proxy that is reached over TLS', () => {
    const caFile = authority.certificatePath;
    const issue = (subjectAltName: string, validity: Validity = {}): IssuedCertificate =>
      authority.issue({ commonName: 'proxy', subjectAltName, ...validity });

    it.each([
      ['localhost', 'DNS:localhost', 'localhost'],
      ['127.0.0.1', 'IP:127.0.0.1', false],
    ])('connects with and without TLS, and asks for it by name: %s', async (host, names, sent) => {
      const ports = [await greeter(), await greeterOverTls()];
      const { url, requests, names: asked } = await secureProxy(issue(names), host);
      const route = new NetworkRoute({ proxy: url, caFile });
      for (const [index, port] of ports.entries()) {
        const socket = await route.connect({ host: 'platform.test', port, tls: index === 1 });
        expect(await read(socket)).toBe('hello');
        expect(requests[index]).toContain(`CONNECT platform.test:${port} HTTP/1.1\r\n`);
        expect(requests[index]).toContain(`Basic ${btoa('user:pass word')}\r\n`);
      }
      expect(asked).toEqual([sent, sent]);
    });

    it.each([
      ['has expired', 'DNS:localhost', { days: -1 }, 'has a certificate that has expired'],
      [
        'is not valid yet',
        'DNS:localhost',
        { startsInDays: 1 },
        'has a certificate that is not valid yet, or the clock of this machine is wrong',
      ],
      ['is for another name', 'DNS:other.test', {}, 'has a certificate for other names: DNS:other'],
    ])(
      'security: names the proxy whose certificate %s',
      async (_what, names, validity, problem) => {
        const { url, requests } = await secureProxy(issue(names, validity));
        const route = new NetworkRoute({ proxy: url, caFile });
        const connecting = route.connect({ host: 'platform.test', port: 1, tls: true });
        await expect(connecting).rejects.toThrow(
          new RegExp(`^the proxy localhost:\\d+ ${problem}`),
        );
        expect(requests).toEqual([]);
      },
    );
  });

  it('sends a password with a lone % as it is', async () => {
    const port = await greeter();
    const { url, requests } = await proxy();
    const route = new NetworkRoute({ proxy: url.replace('pass%20word', '50%off') });
    const socket = await route.connect({ host: 'platform.test', port, tls: false });
    expect(await read(socket)).toBe('hello');
    expect(requests[0]).toContain(btoa('user:50%off'));
  });

  it('reads the trusted certificates once for all connections', async () => {
    const port = await greeterOverTls({ subjectAltName: 'IP:127.0.0.1' });
    const made = jest.spyOn(tls, 'createSecureContext');
    const route = new NetworkRoute({ caFile: authority.certificatePath });
    for (let count = 0; count < 3; count += 1) {
      const socket = await route.connect({ host: '127.0.0.1', port, tls: true });
      expect(await read(socket)).toBe('hello');
    }
    const agent = route.httpAgent(true, {});
    const url = `https://127.0.0.1:${port}/`;
    for (let count = 0; count < 3; count += 1) {
      await once(httpsGet(url, { agent }), 'error');
    }
    expect(made).toHaveBeenCalledTimes(1);
    made.mockRestore();
  });

  it.each([
    [
      'of somebody else',
      () => stranger.certificatePath,
      {},
      'was not issued by a CA that this machine trusts',
    ],
    [
      'for another name',
      () => authority.certificatePath,
      { subjectAltName: 'DNS:other.test' },
      'for other names: DNS:other.test',
    ],
    ['that has expired', () => authority.certificatePath, { days: -1 }, 'has expired'],
    [
      'that is not valid yet',
      () => authority.certificatePath,
      { startsInDays: 1 },
      'has a certificate that is not valid yet, or the clock of this machine is wrong',
    ],
  ])('security: refuses a certificate %s', async (_what, caFile, request, problem) => {
    const port = await greeterOverTls(request);
    const { url } = await proxy();
    const route = new NetworkRoute({ proxy: url, caFile: caFile() });
    const connecting = route.connect({ host: 'platform.test', port, tls: true });
    const cause: unknown = await connecting.catch((error: unknown) => error);
    expect(certificateProblem(cause)).toContain(problem);
  });

  it.each([
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', /refused its user name and password/],
    ['HTTP/1.1 403 Forbidden\r\n\r\n', /refused to connect to platform\.test:1 \(403\)/],
    ['SSH-2.0-OpenSSH\r\n\r\n', /does not speak HTTP/],
    ['x'.repeat(20_000), /does not speak HTTP/],
    ['', /closed the connection/],
  ])('says why the proxy does not help: %.20s', async (answer, reason) => {
    const { url } = await proxy(answer);
    const route = new NetworkRoute({ proxy: url });
    const connecting = route.connect({ host: 'platform.test', port: 1, tls: false });
    await expect(connecting).rejects.toThrow(reason);
    await expect(connecting).rejects.not.toThrow(/pass word|pass%20/);
  });

  it('gives up on a proxy that accepts and never answers, and names it', async () => {
    const port = await listen(createServer());
    const route = new NetworkRoute({ proxy: `http://127.0.0.1:${port}`, timeoutMs: 1_500 });
    const connecting = route.connect({ host: 'platform.test', port: 1, tls: false });
    await expect(connecting).rejects.toThrow(
      `the proxy 127.0.0.1:${port} did not answer: the connection took too long`,
    );
  });

  it('gives up on TLS that is never answered, by the platform, a proxy or behind a proxy', async () => {
    const [silent, tunnel] = await Promise.all([
      listen(createServer(socket => void socket.on('error', () => undefined))),
      listen(
        createServer(socket => {
          socket.on('error', () => undefined);
          socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
        }),
      ),
    ]);
    // An error that nobody handles would fail this test.
    for (const proxy of [undefined, `https://127.0.0.1:${silent}`, `http://127.0.0.1:${tunnel}`]) {
      const route = new NetworkRoute({ timeoutMs: 300, ...(proxy !== undefined && { proxy }) });
      const host = proxy === undefined ? '127.0.0.1' : 'platform.test';
      const connecting = route.connect({ host, port: silent, tls: true });
      await expect(connecting).rejects.toThrow('the connection took too long');
    }
  });

  it('reaches loopback and excepted hosts without the proxy', async () => {
    const port = await greeter();
    const noProxy = ['.example.com', 'LOCALHOST.test', '[0:0:0:0:0:0:0:1]'];
    const route = new NetworkRoute({ proxy: 'http://127.0.0.1:1', noProxy });
    for (const host of ['127.0.0.1', 'localhost']) {
      const socket = await route.connect({ host, port, tls: false });
      expect(await read(socket)).toBe('hello');
    }
    for (const host of ['a.example.com', 'localhost.test', '0:0:0:0:0:0:0:1']) {
      const connecting = route.connect({ host, port, tls: false });
      await expect(connecting).rejects.not.toThrow(/proxy/);
    }
    const connecting = route.connect({ host: 'notexample.com', port, tls: false });
    await expect(connecting).rejects.toThrow(/the proxy 127\.0\.0\.1:1 could not be reached/);
  });
});
