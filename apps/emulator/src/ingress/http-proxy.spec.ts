import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  request as sendRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  type Server,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import express from 'express';
import { Ingress } from './ingress';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('the ingress for HTTP', () => {
  let microservice: Server;
  let answer: RequestListener;
  let target: string | undefined;
  let ingress: Ingress;
  let platform: Server;
  let port: number;

  beforeEach(async () => {
    answer = (request, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ url: request.url, headers: request.headers }));
    };
    microservice = createServer((request, response) => answer(request, response));
    target = `http://127.0.0.1:${await listen(microservice)}`;
    ingress = new Ingress(() => target, {
      standIn: ({ headers }) =>
        headers.cookie === 'authorization=valid' ? 'Basic stand-in' : undefined,
    });
    const app = express();
    app.use('/service', (request, response) => ingress.handle(request, response));
    platform = createServer(app);
    port = await listen(platform);
  });

  afterEach(() => {
    ingress.stop();
    for (const server of [microservice, platform]) {
      server.close();
      server.closeAllConnections();
    }
  });

  const ask = (path: string, options: RequestOptions = {}): ClientRequest =>
    sendRequest({ host: '127.0.0.1', port, path, agent: false, ...options });

  const answerTo = async (request: ClientRequest): Promise<[IncomingMessage, string]> => {
    const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
    return [response, await text(response)];
  };

  const seenHeaders = async (headers: RequestOptions['headers']) => {
    const [, body] = await answerTo(ask('/service/remoteaccess/health', { headers }));
    return (JSON.parse(body) as { headers: Record<string, string> }).headers;
  };

  it('strips the prefix and keeps the rest of the URL unchanged', async () => {
    const [, body] = await answerTo(ask('/service/remoteaccess/devices//1%2F2/?a=%20&a=..'));
    expect(JSON.parse(body)).toMatchObject({ url: '/devices//1%2F2/?a=%20&a=..' });
  });

  it('forwards credentials unchanged', async () => {
    const credentials = {
      authorization: 'Basic dDEwMDEvYTpi',
      cookie: 'authorization=abc; XSRF-TOKEN=d',
      'x-xsrf-token': 'd',
      tfatoken: '123456',
    };
    expect(await seenHeaders(credentials)).toMatchObject(credentials);
    const named = { ...credentials, connection: 'close, Authorization, Cookie, tfatoken' };
    expect(await seenHeaders(named)).toMatchObject(credentials);
  });

  it('adds a placeholder to requests that were signed in with a cookie', async () => {
    const cookie = 'authorization=valid';
    expect(await seenHeaders({ cookie })).toMatchObject({
      cookie,
      authorization: 'Basic stand-in',
    });
    const own = { cookie, authorization: 'Bearer abc' };
    expect(await seenHeaders(own)).toMatchObject(own);
  });

  it('forwards requests without credentials, because the microservice decides', async () => {
    expect(await seenHeaders({})).not.toHaveProperty('authorization');
  });

  it("replaces the caller's X-Forwarded headers", async () => {
    const headers = await seenHeaders({
      host: 'tenant.example:8080',
      'x-forwarded-for': '203.0.113.9',
      'X-Forwarded-Host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/evil',
      'x-forwarded-port': '1',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9',
    });
    expect(headers).toMatchObject({
      host: new URL(target!).host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'tenant.example:8080',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/service/remoteaccess',
      'x-real-ip': '127.0.0.1',
    });
    expect(headers).not.toHaveProperty('forwarded');
    expect(headers).not.toHaveProperty('x-forwarded-port');
  });

  it("as hosted, sends the headers of the platform's documentation", async () => {
    ingress.stop();
    ingress = new Ingress(() => target, { asHosted: true });
    const headers = await seenHeaders({ host: 'tenant.example', 'x-forwarded-for': '203.0.113.9' });
    expect(headers).toMatchObject({
      'x-forwarded-host': 'tenant.example',
      'x-forwarded-prefix': '/service/remoteaccess',
      'x-forwarded-proto': 'http',
      'x-real-ip': '127.0.0.1',
    });
    expect(headers['host']).not.toContain('127.0.0.1');
    expect(headers).not.toHaveProperty('x-forwarded-for');
  });

  it('drops hop-by-hop headers', async () => {
    const headers = await seenHeaders({
      connection: 'close, x-mine',
      'x-mine': '1',
      'x-other': '2',
      te: 'trailers',
      'proxy-authorization': 'Basic abc',
      'keep-alive': 'timeout=1',
    });
    expect(headers).toMatchObject({ 'x-other': '2' });
    for (const name of ['x-mine', 'te', 'proxy-authorization', 'keep-alive', 'upgrade']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('returns status, headers and body of the answer', async () => {
    answer = (_request, response) => {
      response.writeHead(418, 'Short And Stout', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
      response.end('tea');
    };
    const [response, body] = await answerTo(ask('/service/remoteaccess/pot'));
    expect([response.statusCode, response.statusMessage, body]).toEqual([
      418,
      'Short And Stout',
      'tea',
    ]);
    expect(response.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('carries large bodies in both directions', async () => {
    answer = (request, response) => void request.pipe(response);
    const sent = randomBytes(5_000_000);
    const request = ask('/service/remoteaccess/echo', { method: 'POST' });
    const arrived = once(request, 'response') as Promise<[IncomingMessage]>;
    request.end(sent);
    const got: Buffer[] = [];
    for await (const chunk of (await arrived)[0]) got.push(chunk as Buffer);
    expect(sha256(Buffer.concat(got))).toBe(sha256(sent));
  });

  it('streams request and response bodies', async () => {
    answer = (request, response) => void request.pipe(response);
    const request = ask('/service/remoteaccess/echo', { method: 'PUT' });
    request.write('first');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const [first] = (await once(response, 'data')) as [Buffer];
    expect(first.toString()).toBe('first');
    request.end('last');
    expect(await text(response)).toBe('last');
  });

  it('keeps the framing of a GET with a body', async () => {
    const urls: (string | undefined)[] = [];
    answer = (request, response) => {
      urls.push(request.url);
      request.pipe(response);
    };
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    const request = ask('/service/remoteaccess/a', { headers: { 'transfer-encoding': 'chunked' } });
    const arrived = once(request, 'response') as Promise<[IncomingMessage]>;
    request.end(smuggled);
    expect(await text((await arrived)[0])).toBe(smuggled);
    expect(urls).toEqual(['/a']);
  });

  it('answers HEAD and 204 without a body', async () => {
    answer = (request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'X-Seen': '1' }).end();
    };
    const [head] = await answerTo(ask('/service/remoteaccess/health', { method: 'HEAD' }));
    const [gone] = await answerTo(ask('/service/remoteaccess/1', { method: 'DELETE' }));
    expect([head.statusCode, gone.statusCode]).toEqual([200, 204]);
    expect(head.headers['x-seen']).toBe('1');
  });

  it('answers 503 while no microservice is running, 502 if it does not answer', async () => {
    const path = '/service/remoteaccess/health';
    const running = target;
    target = undefined;
    const [notRouted, notRoutedBody] = await answerTo(ask(path));
    target = running;
    answer = request => request.socket.destroy();
    const [dropped] = await answerTo(ask(path));
    microservice.close();
    microservice.closeAllConnections();
    const [refused, refusedBody] = await answerTo(ask(path));
    expect([notRouted, dropped, refused].map(response => response.statusCode)).toEqual([
      503, 502, 502,
    ]);
    for (const body of [notRoutedBody, refusedBody]) {
      expect(JSON.parse(body)).toEqual({
        error: expect.stringMatching(/^microservice\//),
        message: expect.any(String),
        info: expect.any(String),
      });
    }
  });

  it.each(['/service/other/health', '/service/remoteaccess/../other', '/service//remoteaccess/'])(
    'answers 404 to %s without asking the microservice',
    async path => {
      let asked = false;
      answer = (_request, response) => {
        asked = true;
        response.end();
      };
      const [response] = await answerTo(ask(path));
      expect([response.statusCode, asked]).toEqual([404, false]);
    },
  );

  it('aborts a response when the microservice dies in the middle', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('half', () => response.destroy());
    };
    const [response] = (await once(ask('/service/remoteaccess/a').end(), 'response')) as [
      IncomingMessage,
    ];
    await expect(text(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('aborts the request to the microservice when the caller disconnects', async () => {
    const left = new Promise<void>(resolve => {
      answer = (_request, response) => {
        response.on('close', resolve);
        response.write('first');
      };
    });
    const request = ask('/service/remoteaccess/events');
    const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
    await once(response, 'data');
    request.destroy();
    response.on('error', () => undefined);
    await left;
  });

  it.each([
    ['a length', 'Content-Length: 1000000', 'begun'],
    ['chunks', 'Transfer-Encoding: chunked', '5\r\nbegun\r\n'],
  ])(
    'closes both connections if the response arrives before a body with %s is complete',
    async (_what, framing, begun) => {
      const closed = new Promise<void>(resolve => {
        answer = (request, response) => {
          request.socket.once('close', resolve);
          // The microservice keeps the connection open.
          microservice.keepAliveTimeout = 0;
          response.writeHead(401, { 'Content-Length': '2' }).end('no');
        };
      });
      const socket = connect(port, '127.0.0.1');
      socket.write(
        `POST /service/remoteaccess/a HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${begun}`,
      );
      const answered = await text(socket);
      expect(answered).toMatch(/^HTTP\/1\.1 401 /);
      expect(answered).toMatch(/^Connection: close\r$/m);
      expect(answered).toMatch(/no$/);
      await closed;
    },
  );

  it('keeps the connection if the body is complete', async () => {
    answer = (request, response) => {
      request.resume().on('end', () => response.writeHead(401).end());
    };
    const request = ask('/service/remoteaccess/a', {
      method: 'POST',
      headers: { connection: 'keep-alive' },
    });
    const arrived = once(request, 'response') as Promise<[IncomingMessage]>;
    request.end('all of it');
    const [response] = await arrived;
    expect(response.resume().headers.connection).toBe('keep-alive');
    request.destroy();
  });

  it('reuses connections to the microservice', async () => {
    let connections = 0;
    microservice.on('connection', () => (connections += 1));
    for (let i = 0; i < 3; i += 1) await answerTo(ask('/service/remoteaccess/health'));
    expect(connections).toBe(1);
  });

  it('preserves the bytes of header values', async () => {
    answer = (request, response) => response.end(`${request.headers['x-name'] === 'caf\xe9'}`);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      Buffer.from(
        'GET /service/remoteaccess/a HTTP/1.1\r\nHost: a\r\nX-Name: caf\xe9\r\n' +
          'Connection: close\r\n\r\n',
        'latin1',
      ),
    );
    expect(await text(socket)).toMatch(/true$/);
  });
});
