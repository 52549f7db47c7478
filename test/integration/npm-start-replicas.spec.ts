import type { Endpoint, RunningSession, Ticket } from '@remote-access/contracts';
import { LocalStack, waitUntil } from '@remote-access/testkit';
import { TerminalClient } from '../fixtures/terminal-client';

/** If nothing is built yet, the build comes first. */
jest.setTimeout(300_000);

const SERVICES = ['microservice', 'microservice-2', 'microservice-3'];

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start({ env: { REPLICAS: '3', NATS_URL: '' } });
});
afterAll(() => stack.stop());

async function call<Body>(path: string, method = 'GET'): Promise<Body> {
  const authorization = `Basic ${btoa(`t1001/engineer:${stack.description.password}`)}`;
  const address = `${stack.url}/service/remoteaccess${path}`;
  const response = await fetch(address, { method, headers: { authorization } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

/** A request to one of the services, past the ingress. */
async function direct(service: string, path: string, method = 'GET'): Promise<Response> {
  const { env } = stack.description.parts.find(({ name }) => name === service)!;
  const authorization = `Basic ${btoa(`t1001/engineer:${stack.description.password}`)}`;
  const url = `http://127.0.0.1:${env['SERVER_PORT']}${path}`;
  return fetch(url, { method, headers: { authorization } });
}

async function openShell(): Promise<TerminalClient> {
  const endpoints = await call<Endpoint[]>('/devices/1001/configurations');
  const { id } = endpoints.find(({ name }) => name === 'Gateway shell')!;
  const path = `/client/1001/configurations/${id}`;
  const { ticket } = await call<Ticket>(`${path}/tickets`, 'POST');
  const address = `${stack.url.replace(/^http/, 'ws')}/service/remoteaccess${path}`;
  const client = await TerminalClient.open(`${address}?ticket=${ticket}`);
  await client.message('status');
  await waitUntil('the shell', () =>
    client.messages.some(message => message.type === 'status' && message.step === 'open'),
  );
  client.type('echo $((6 * 7))\r');
  await client.reads('42');
  return client;
}

async function useShell(): Promise<void> {
  const client = await openShell();
  client.disconnect();
  await client.closed();
}

it('REPLICAS=3 starts three microservices and NATS, and sessions work wherever their parts arrive', async () => {
  const names = stack.description.parts.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['nats', ...SERVICES]));
  const ports = stack.description.parts
    .filter(({ name }) => name.startsWith('microservice'))
    .flatMap(({ env }) => [env['SERVER_PORT'], env['METRICS_PORT']]);
  expect(new Set(ports).size).toBe(6);
  // Tickets, clients and gateways reach them in turn.
  for (let count = 0; count < 7; count += 1) await useShell();
});

it('each service lists and ends the sessions of all', async () => {
  for (const service of SERVICES) {
    const client = await openShell();
    const listed = await direct(service, '/devices/1001/sessions');
    const [found, ...more] = (await listed.json()) as RunningSession[];
    expect(more).toEqual([]);
    const ended = await direct(service, `/devices/1001/sessions/${found!.id}`, 'DELETE');
    expect(ended.status).toBe(204);
    await client.closed();
    expect(client.messages.at(-1)).toMatchObject({ type: 'ended', code: 'session-terminated' });
  }
});

it('the stack continues when one replica is killed', async () => {
  const { pid } = stack.description.parts.find(({ name }) => name === 'microservice-2')!;
  process.kill(pid, 'SIGKILL');
  const health = `${stack.url}/service/remoteaccess/health`;
  await waitUntil('the ingress leaves it out', async () => {
    for (let count = 0; count < 4; count += 1) if (!(await fetch(health)).ok) return false;
    return true;
  });
  await useShell();
});
