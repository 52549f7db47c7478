import type { RunningSession } from '@remote-access/contracts';
import { LocalStack, waitUntil } from '@remote-access/testkit';
import { openTerminal } from '../fixtures/local-terminal';
import type { TerminalClient } from '../fixtures/terminal-client';

/** If nothing is built yet, the build comes first. */
jest.setTimeout(300_000);

const SERVICES = ['microservice', 'microservice-2', 'microservice-3'];

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start({ env: { REPLICAS: '3', NATS_URL: '' } });
});
afterAll(() => stack.stop());

/** A request to one of the services, past the ingress. */
async function direct(service: string, path: string, method = 'GET'): Promise<Response> {
  const { env } = stack.description.parts.find(({ name }) => name === service)!;
  const authorization = stack.authorization('engineer');
  const url = `http://127.0.0.1:${env['SERVER_PORT']}${path}`;
  return fetch(url, { method, headers: { authorization } });
}

async function openShell(): Promise<TerminalClient> {
  const client = await openTerminal(stack, 'Gateway shell');
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
