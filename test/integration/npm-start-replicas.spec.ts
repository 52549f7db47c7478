import type { Endpoint, Ticket } from '@remote-access/contracts';
import { LocalStack, waitUntil } from '@remote-access/testkit';
import { TerminalClient } from '../fixtures/terminal-client';

/** If nothing is built yet, the build comes first. */
jest.setTimeout(300_000);

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start({ env: { REPLICAS: '2', NATS_URL: '' } });
});
afterAll(() => stack.stop());

async function call<Body>(path: string, method = 'GET'): Promise<Body> {
  const authorization = `Basic ${btoa(`t1001/engineer:${stack.description.password}`)}`;
  const address = `${stack.url}/service/remoteaccess${path}`;
  const response = await fetch(address, { method, headers: { authorization } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

async function useShell(): Promise<void> {
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
  client.disconnect();
  await client.closed();
}

it('REPLICAS=2 starts two microservices and NATS, and sessions work wherever their parts arrive', async () => {
  const names = stack.description.parts.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['nats', 'microservice', 'microservice-2']));
  const ports = stack.description.parts
    .filter(({ name }) => name.startsWith('microservice'))
    .flatMap(({ env }) => [env['SERVER_PORT'], env['METRICS_PORT']]);
  expect(new Set(ports).size).toBe(4);
  // Tickets, clients and gateways reach the two in turn: with five, every combination occurs.
  for (let count = 0; count < 5; count += 1) await useShell();
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
