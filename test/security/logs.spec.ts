import { once } from 'node:events';
import { connect } from 'node:net';
import { ed25519KeyPair } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { basic, PASSWORD, Stack } from '../fixtures/stack';

const LIST = '/service/remoteaccess/devices/1002/configurations';
const PRIVATE_KEY = ed25519KeyPair().private;
const XSRF_TOKEN = 'xsrf-4f1d';
const TICKET = 'ticket-9c2e';

const lines: string[] = [];
let stdout: jest.SpyInstance;
let stack: Stack;
beforeAll(async () => {
  stdout = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation(line => lines.push(String(line)) > 0);
  stack = await Stack.start({ agent: false, env: { LOG_LEVEL: 'debug' } });
});
afterAll(async () => {
  await stack.stop();
  stdout.mockRestore();
});

async function refusedSocket(query: string): Promise<void> {
  const url = stack.webSocketUrl(`/service/remoteaccess/client/1002/configurations/77?${query}`);
  const socket = new WebSocket(url);
  await new Promise(resolve => socket.once('error', resolve));
}

/** The HTTP parser rejects this request before any guard runs, but it might still be logged. */
async function brokenRequest(): Promise<void> {
  const { hostname, port } = new URL(stack.microservice.url);
  const socket = connect(Number(port), hostname);
  socket.resume();
  socket.end(`GET /x?token=${TICKET} HTTP/1.1\r\nbroken header\r\n\r\n`);
  await once(socket, 'close');
}

it('no log line contains a credential, ticket, key or password, even at the most verbose level', async () => {
  const ssh = { name: 'Shell', hostname: 'h', port: 22, protocol: 'SSH', username: 'root' };
  const post = (body: object): Promise<Response> =>
    stack.fetch(LIST, { method: 'POST', body: JSON.stringify(body) });
  const token = basic('operator').slice('Basic '.length);

  await post({ ...ssh, credentialsType: 'USER_PASS', password: 'correct horse' });
  await post({ ...ssh, credentialsType: 'KEY_PAIR', privateKey: PRIVATE_KEY });
  await post({ ...ssh, credentialsType: 'KEY_PAIR', privateKey: PRIVATE_KEY.slice(0, 90) });
  await stack.fetch(LIST, { method: 'POST', body: '{"password":"correct horse' });
  await stack.fetch(LIST, { headers: { authorization: basic('operator', 'battery staple') } });
  await stack.fetch(`${LIST}?token=${token}&ticket=${TICKET}`);
  await stack.fetch(LIST, {
    headers: { authorization: '', cookie: 'authorization=staple-jwt', 'x-xsrf-token': XSRF_TOKEN },
  });
  await refusedSocket(`token=${encodeURIComponent(token)}`);
  await refusedSocket(`ticket=${TICKET}`);
  await refusedSocket(`XSRF-TOKEN=${XSRF_TOKEN}`);
  await brokenRequest();

  const log = lines.join('');
  expect(lines.filter(line => line.includes('"message":"Request"')).length).toBeGreaterThan(5);
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  const key = PRIVATE_KEY.split('\n')[2] ?? '';
  const secrets = ['correct horse', 'staple', token, TICKET, XSRF_TOKEN, key, '{cipher}v1'];
  for (const secret of secrets) expect(log).not.toContain(secret);
  const encoded = Buffer.from(`operator:${PASSWORD}`).toString('base64');
  expect(log).not.toContain(encoded.replace(/=+$/, ''));
  expect(log).not.toContain('?');
});
