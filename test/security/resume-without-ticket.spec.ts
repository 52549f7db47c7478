import { resumeOffer, type Endpoint, type ResumeRequest } from '@remote-access/contracts';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { newKey, ResumingClient } from '../fixtures/resuming-client';
import { basic, Stack, type StackCall } from '../fixtures/stack';

// Who may go on with a session by showing its key on the upgrade itself, with a sign-in and no ticket.
const ORIGINS = ['https://a.example', 'https://b.example'] as const;
const CALL: StackCall = { user: 'operator', headers: { origin: ORIGINS[0] } };

type Headers = Record<string, string>;

interface Attempt {
  readonly request?: Partial<ResumeRequest>;
  readonly headers?: Headers;
  readonly origin?: string;
  readonly query?: string;
  readonly endpointId?: string;
  readonly protocols?: (offer: string) => string[];
}

let stack: Stack;
let target: TcpTarget;
let endpoint: Endpoint;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  stack = await Stack.start({
    env: { ALLOWED_ORIGINS: ORIGINS.join(','), SESSION_REVIEW_SECONDS: '1' },
  });
  target = await tcpTarget(socket => {
    socket.on('data', (data: Buffer) => {
      if (data.includes('hello')) socket.write('WELCOME');
    });
  });
  const address = { hostname: '127.0.0.1', port: target.port };
  endpoint = await stack.addEndpoint({ name: 'Controller', ...address, protocol: 'TELNET' });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await stack.stop();
  await target.stop();
}, 15_000);

/** A session whose client has lost its connection. */
async function lostSession(): Promise<ResumingClient> {
  const client = await ResumingClient.open(stack, endpoint.id, CALL);
  client.type('hello\r');
  await client.reads('WELCOME');
  await client.cut();
  return client;
}

/** The first message, or the status and error of the refusal. */
function attempt(
  client: ResumingClient,
  {
    request,
    headers = { authorization: basic('operator') },
    origin = ORIGINS[0],
    query = '',
    endpointId = endpoint.id,
    protocols = offer => ['remoteaccess.v1', offer],
  }: Attempt = {},
): Promise<unknown> {
  const url = `${stack.webSocketUrl(stack.clientPath(endpointId))}/resume${query}`;
  const offer = resumeOffer(client.request(request));
  const socket = new WebSocket(url, protocols(offer), { origin, headers });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())));
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += data.toString()));
      response.on('end', () => {
        const { error } = JSON.parse(body) as { error: string };
        resolve([response.statusCode, error.replace('remoteaccess/', '')]);
      });
    });
  });
}

const resumed = (client: ResumingClient): object =>
  expect.objectContaining({ type: 'resumed', sessionId: client.id, output: client.received });

it('its user with a password or with a cookie, once with each key', async () => {
  const client = await lostSession();
  const next = newKey();
  expect(await attempt(client, { request: { next } })).toEqual(resumed(client));
  sockets.at(-1)!.terminate();
  const used = [404, 'session-not-found'];
  expect(await attempt(client)).toEqual(used);
  client.keys = [next];
  const { cookie, xsrfToken } = await stack.signIn('operator');
  const signedIn = { headers: { cookie }, query: `?XSRF-TOKEN=${encodeURIComponent(xsrfToken)}` };
  expect(await attempt(client, signedIn)).toEqual(resumed(client));
  expect(sockets.at(-1)!.protocol).toBe('remoteaccess.v1');
  expect(await attempt(client, signedIn)).toEqual(used);
});

it.each<[string, Attempt, [number, string]]>([
  ['another key', { request: { keys: ['A'.repeat(43)] } }, [404, 'session-not-found']],
  ['no key', { request: { keys: [] } }, [404, 'session-not-found']],
  ['another session', { request: { sessionId: 'f'.repeat(32) } }, [404, 'session-not-found']],
  ['a malformed key', { request: { keys: ['short'] } }, [400, 'malformed-request']],
  ['no next key', { request: { next: '' } }, [400, 'malformed-request']],
  ['a negative count', { request: { output: -1 } }, [400, 'malformed-request']],
  ['no request', { protocols: () => ['remoteaccess.v1'] }, [400, 'malformed-request']],
  ['the request alone', { protocols: offer => [offer] }, [400, 'malformed-request']],
  ['the raw protocol', { protocols: offer => ['binary', offer] }, [400, 'malformed-request']],
  ['no sign-in', { headers: {} }, [401, 'unauthenticated']],
  [
    'a wrong password',
    { headers: { authorization: basic('operator', 'wrong') } },
    [401, 'unauthenticated'],
  ],
  [
    'the sign-in of another user',
    { headers: { authorization: basic('engineer') } },
    [404, 'session-not-found'],
  ],
  [
    'the sign-in of an administrator',
    { headers: { authorization: basic('admin') } },
    [404, 'session-not-found'],
  ],
  ['another allowed origin', { origin: ORIGINS[1] }, [404, 'session-not-found']],
])('nobody with %s, and the right stays with its user', async (_name, change, refusal) => {
  const client = await lostSession();
  expect(await attempt(client, change)).toEqual(refusal);
  expect(await attempt(client)).toEqual(resumed(client));
});

it('nobody with a cookie alone, as foreign pages would have it', async () => {
  const client = await lostSession();
  const { cookie } = await stack.signIn('operator');
  expect(await attempt(client, { headers: { cookie } })).toEqual([401, 'unauthenticated']);
  const wrong = { headers: { cookie }, query: '?XSRF-TOKEN=wrong' };
  expect(await attempt(client, wrong)).toEqual([401, 'unauthenticated']);
});

it('nobody from another endpoint', async () => {
  const client = await lostSession();
  const { hostname, port, protocol } = endpoint;
  const other = await stack.addEndpoint({ name: 'Controller 2', hostname, port, protocol });
  const answer = await attempt(client, { endpointId: other.id });
  expect(answer).toEqual([404, 'session-not-found']);
});

it('one of three who come at the same instant', async () => {
  const client = await lostSession();
  const answers = await Promise.all([1, 2, 3].map(() => attempt(client)));
  expect(answers).toContainEqual(resumed(client));
  const others = answers.filter(answer => Array.isArray(answer));
  expect(others).toEqual(Array.from({ length: 2 }, () => [404, 'session-not-found']));
});

it('nobody who has lost the permission meanwhile, and the session ends', async () => {
  const client = await lostSession();
  const path = '/user/t1001/users/operator/roles/ROLE_REMOTE_ACCESS_READ';
  await stack.fetch(path, { method: 'DELETE', user: 'admin' });
  expect(await attempt(client)).toEqual([403, 'forbidden']);
  await waitUntil('the server is left', () => target.connections[0]!.readableEnded);
});
