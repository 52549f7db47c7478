import { startAgent } from '@remote-access/agent';
import type { Endpoint, EndpointBody } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { startSshd, waitUntil } from '@remote-access/testkit';
import type { WebSocket } from 'ws';
import { FORWARDED, type Replica, Replicas } from '../fixtures/replicas';
import { CUTS, floodWithCuts } from '../fixtures/resume-flood';
import { ResumingClient, type ServiceAddress } from '../fixtures/resuming-client';
import { basic, GATEWAY, PASSWORD } from '../fixtures/stack';
import { TerminalClient } from '../fixtures/terminal-client';

// The session stays where it is, wherever its client and its watchers connect.
const DEVICE = '1002';
const DEVICE_USER = { authorization: basic('t1001/device_gw-2') };

let replicas: Replicas;
let one: Replica;
let two: Replica;
let endpointId: string;

beforeAll(async () => {
  replicas = await Replicas.start(2);
  [one, two] = [replicas.services[0]!, replicas.services[1]!];
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 23, protocol: 'TELNET' } as const;
  endpointId = (await replicas.addEndpoint(body, DEVICE)).id;
}, 60_000);
afterAll(() => replicas.stop(), 30_000);

/** The replicas at which the client's requests arrive, in turn. */
class Ingress implements ServiceAddress {
  tickets = one;
  sockets = one;

  clientPath(id: string, device = DEVICE): string {
    return `/client/${device}/configurations/${id}`;
  }

  fetch(...call: Parameters<Replica['fetch']>): Promise<Response> {
    return this.tickets.fetch(...call);
  }

  webSocketUrl(path: string): string {
    return this.sockets.webSocketUrl(path);
  }
}

async function serve(): Promise<WebSocket> {
  const path = `/devicecontrol/operations?deviceId=${DEVICE}&status=PENDING&pageSize=200`;
  let operation: Operation | undefined;
  await waitUntil('an operation', async () => {
    const answer = await fetch(replicas.emulator.url + path, { headers: DEVICE_USER });
    operation = ((await answer.json()) as { operations: Operation[] }).operations.at(-1);
    return operation !== undefined;
  });
  const { id, c8y_RemoteAccessConnect } = operation!;
  await fetch(`${replicas.emulator.url}/devicecontrol/operations/${id}`, {
    method: 'PUT',
    headers: { ...DEVICE_USER, 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'EXECUTING' }),
  });
  return one.dial(c8y_RemoteAccessConnect!.connectionKey);
}

async function session(ingress: Ingress): Promise<{ client: ResumingClient; far: WebSocket }> {
  const call = { user: 'operator', headers: FORWARDED };
  const [client, far] = await Promise.all([
    ResumingClient.open(ingress, endpointId, call, DEVICE),
    serve(),
  ]);
  return { client, far };
}

it.each([
  ['both arrive at the other replica', () => two, () => two],
  ['the ticket comes from the other replica', () => two, () => one],
  ['the WebSocket arrives at the other replica', () => one, () => two],
])('a client resumes when %s', async (_name, ticketsAt, socketsAt) => {
  const ingress = new Ingress();
  const { client, far } = await session(ingress);
  let typed = '';
  far.on('message', (data: Buffer) => (typed += data.toString('latin1')));
  far.send(Buffer.from('before'));
  await client.reads('before');
  await client.cut();
  far.send(Buffer.from('meanwhile'));
  client.type('kept\r');
  ingress.tickets = ticketsAt();
  ingress.sockets = socketsAt();
  await client.resume();
  await client.reads('beforemeanwhile');
  await waitUntil('the input', () => typed.includes('kept'));
  client.disconnect();
  await client.closed();
});

it('a client without a ticket resumes at the other replica', async () => {
  const ingress = new Ingress();
  const { client, far } = await session(ingress);
  far.send(Buffer.from('before'));
  await client.reads('before');
  await client.cut();
  far.send(Buffer.from('meanwhile'));
  ingress.sockets = two;
  await client.resumeWithoutTicket();
  await client.reads('beforemeanwhile');
  client.disconnect();
  await client.closed();
});

it(`a shell loses and doubles nothing in ${CUTS} cuts, after which its client arrives anywhere`, async () => {
  const [sshd, agent] = await Promise.all([
    startSshd(),
    startAgent(
      {
        baseUrl: replicas.emulator.url,
        user: 't1001/device_gw-1',
        password: PASSWORD,
        externalId: 'gw-1',
      },
      { log: () => undefined },
    ),
  ]);
  try {
    const body: EndpointBody = {
      ...{ name: 'Shell', hostname: '127.0.0.1', port: sshd.port, protocol: 'SSH' },
      ...{ credentialsType: 'KEY_PAIR', username: sshd.userName },
      ...{ privateKey: sshd.privateKey, hostKey: sshd.hostKeys[0]! },
    };
    const path = `/devices/${GATEWAY}/configurations`;
    const { id } = await one.json<Endpoint>(path, { method: 'POST', body: JSON.stringify(body) });
    const ingress = new Ingress();
    const call = { user: 'operator', headers: FORWARDED };
    const client = await ResumingClient.open(ingress, id, call, GATEWAY);
    client.type('stty raw -echo; echo RE""ADY; exec cat\n');
    await client.reads('READY');
    await waitUntil('the prompt is over', () => client.text.endsWith('READY\n'));
    const anyReplica = (): Replica => (Math.random() < 0.5 ? one : two);
    const flood = await floodWithCuts(client, CUTS, () => {
      [ingress.tickets, ingress.sockets] = [anyReplica(), anyReplica()];
    });
    expect(flood.received).toBe(flood.sent);
    client.disconnect();
    await client.closed();
  } finally {
    await agent.stop();
    await sshd.stop();
  }
}, 600_000);

it("refuses a wrong key of another replica's session", async () => {
  const ingress = new Ingress();
  const { client } = await session(ingress);
  await client.cut();
  ingress.tickets = two;
  const wrong = await client.ticket(client.request({ keys: ['k'.repeat(43)] }));
  expect([wrong.status, await wrong.json()]).toEqual([
    404,
    expect.objectContaining({ error: 'remoteaccess/session-not-found' }),
  ]);
  const foreign = await client.ticket(client.request(), { user: 'engineer', headers: FORWARDED });
  expect(foreign.status).toBe(404);
  await client.resume();
  client.disconnect();
  await client.closed();
});

it('a user watches a session of another replica', async () => {
  const { client, far } = await session(new Ingress());
  client.send({ type: 'watchable' });
  client.onMessage = message => {
    if (message.type !== 'screen-wanted') return;
    const screen = { output: client.received, cols: 80, rows: 24, data: 'SCREEN' };
    client.send({ type: 'screen', id: message.id, ...screen });
  };
  far.send(Buffer.from('before'));
  await client.reads('before');
  const path = `/client/${DEVICE}/configurations/${endpointId}`;
  const body = JSON.stringify({ watch: { sessionId: client.id } });
  const { ticket } = await two.json<{ ticket: string }>(`${path}/tickets`, {
    method: 'POST',
    user: 'engineer',
    body,
  });
  const url = two.webSocketUrl(`${path}?ticket=${ticket}`);
  const watcher = await TerminalClient.open(url, { headers: FORWARDED });
  expect(await watcher.message('screen')).toMatchObject({ data: 'SCREEN', output: 6 });
  far.send(Buffer.from('after'));
  await watcher.reads('after');
  client.disconnect();
  await watcher.closed();
});
