import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { CertificateAuthority } from '@remote-access/testkit';
import { call, unreachable } from './http-call';

describe('call', () => {
  const before = process.env;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  beforeEach(() => {
    const others = Object.entries(before).filter(([name]) => !/_proxy$/i.test(name));
    process.env = Object.fromEntries(others);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await Promise.all(servers.splice(0).map(one => new Promise(resolve => one.close(resolve))));
  });
  afterAll(() => {
    process.env = before;
  });

  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  /** Answers with the request it received. */
  const platform = (): Promise<number> =>
    listen(
      createServer((request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ method: request.method, url: request.url }));
      }),
    );

  /** Resolves every name to loopback. */
  const proxy = async (requests: IncomingMessage[]): Promise<number> => {
    const server = createServer();
    server.on('connect', (request, near: Socket) => {
      requests.push(request);
      const far = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
        near.write('HTTP/1.1 200 Connection established\r\n\r\n');
        near.pipe(far).pipe(near);
      });
      for (const side of [near, far]) side.on('error', () => side.destroy());
    });
    return listen(server);
  };

  it('uses the proxy of the environment, with its user name and password', async () => {
    const requests: IncomingMessage[] = [];
    const [port, proxyPort] = [await platform(), await proxy(requests)];
    process.env['HTTP_PROXY'] = `http://user:pass@127.0.0.1:${proxyPort}`;
    const answer = await call(`http://platform.test:${port}`, 'GET', '/path');
    expect(answer).toEqual({ status: 200, body: { method: 'GET', url: '/path' } });
    expect(requests[0]!.headers['proxy-authorization']).toBe(`Basic ${btoa('user:pass')}`);
  });

  it('bypasses the proxy if NO_PROXY says so', async () => {
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    process.env['NO_PROXY'] = 'localhost';
    const answer = await call(`http://localhost:${await platform()}`, 'POST', '/x', { json: {} });
    expect(answer.body).toEqual({ method: 'POST', url: '/x' });
  });

  it('says that the proxy cannot be used, and shows no password', async () => {
    process.env['HTTP_PROXY'] = 'http://user:secret@127.0.0.1:1';
    const failed = call('http://platform.test', 'GET', '/');
    await expect(failed).rejects.toMatchObject({
      kind: 'platform',
      message: expect.stringContaining('the proxy 127.0.0.1:1 could not be reached'),
      hint: expect.stringContaining('HTTPS_PROXY'),
    });
    await expect(failed).rejects.not.toThrow(/secret/);
  });

  it('says that the variable contains no proxy', async () => {
    process.env['HTTPS_PROXY'] = 'socks5://user:secret@127.0.0.1:1';
    const failed = call('https://platform.test', 'GET', '/');
    await expect(failed).rejects.toMatchObject({
      kind: 'usage',
      message: 'HTTPS_PROXY is not the address of an HTTP proxy.',
    });
  });

  it('says what is wrong with a certificate', async () => {
    const authority = new CertificateAuthority();
    try {
      const { certificate, key } = authority.issue({ commonName: 'x' });
      const port = await listen(createSecureServer({ cert: certificate, key }));
      await expect(call(`https://127.0.0.1:${port}`, 'GET', '/')).rejects.toMatchObject({
        isTransient: false,
        message: `https://127.0.0.1:${port} has a certificate that was not issued by a CA that this machine trusts.`,
        hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      });
    } finally {
      authority.remove();
    }
  });

  it.each([
    ['CERT_HAS_EXPIRED', /that has expired/, /clock shows 20\S+Z\. If that is right, the tenant/],
    ['CERT_NOT_YET_VALID', /not valid yet/, /clock shows 20\S+Z\. If that is right, the tenant/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /for other names: DNS:other/, /one of the names/],
  ])('says what to do about %s', (code, message, hint) => {
    const cause = Object.assign(new Error('TLS'), { code, cert: { subjectaltname: 'DNS:other' } });
    expect(unreachable('https://tenant.test', cause)).toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  it('follows no redirect, which would send the credentials elsewhere (security)', async () => {
    const port = await listen(
      createServer((_request, response) => {
        response.writeHead(302, { location: 'http://elsewhere.test/path' }).end();
      }),
    );
    await expect(call(`http://127.0.0.1:${port}`, 'GET', '/')).rejects.toMatchObject({
      hint: 'Sign in at http://elsewhere.test instead, if you trust it.',
    });
  });
});
