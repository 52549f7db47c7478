import { randomBytes } from 'node:crypto';
import type { Ticket } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { RawDevice } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';
import { TerminalClient } from '../fixtures/terminal-client';

const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

let stack: Stack;
let device: RawDevice;
let endpointId: string;

beforeEach(async () => {
  stack = await Stack.start({ agent: false });
  device = new RawDevice(stack);
  endpointId = (await stack.addEndpoint(body, '1002')).id;
});
afterEach(() => stack.stop(), 15_000);

/** Requests a ticket like the page, which can resume the session that it opens. */
async function ticketToKeep(user = 'operator'): Promise<string> {
  const keep = randomBytes(32).toString('base64url');
  const { ticket } = await stack.json<Ticket>(`${stack.clientPath(endpointId, '1002')}/tickets`, {
    method: 'POST',
    user,
    body: JSON.stringify({ keep }),
  });
  return ticket;
}

function open(ticket: string): Promise<TerminalClient> {
  const path = stack.clientPath(endpointId, '1002');
  return TerminalClient.open(`${stack.webSocketUrl(path)}?ticket=${ticket}`);
}

it('calls the gateway while the client connects, and reports the steps to the client', async () => {
  const ticket = await ticketToKeep();
  const { received, operation } = await device.serve();
  const client = await open(ticket);
  await client.reaches('open');
  const steps = client.messages.filter(message => message.type === 'status');
  // Whether the service has read the status EXECUTING before the gateway connects is chance.
  const others = steps.map(({ step }) => step).filter(step => step !== 'operation-delivered');
  expect(others).toEqual(['operation-created', 'gateway-connected', 'open']);
  expect(steps[0]).toMatchObject({ operationId: operation.id });
  client.type('to the endpoint');
  await received.has('to the endpoint'.length);
  expect(await device.operations()).toHaveLength(1);
  client.disconnect();
  await client.closed();
  await received.closed();
});

it('sends nothing to the endpoint of a ticket that nobody redeems, and closes its connection', async () => {
  await ticketToKeep();
  const { received } = await device.serve();
  // Replaces it at once; otherwise it would end after some seconds.
  await ticketToKeep();
  await received.closed();
  expect([received.length, received.code]).toEqual([0, 1000]);
});

it('tells the client what the gateway has refused before, without calling it again', async () => {
  const ticket = await ticketToKeep();
  const { id } = await device.pending();
  await device.report(id, 'FAILED', 'connection refused by 10.0.0.5:502');
  const client = await open(ticket);
  await client.closed();
  expect(client.messages.at(-1)).toMatchObject({ by: 'gateway', code: 'gateway-refused' });
  expect(await device.operations()).toHaveLength(1);
});

it('does not call the gateway for a user who may not connect', async () => {
  await expect(ticketToKeep('viewer')).rejects.toThrow('403');
  expect(await device.operations()).toEqual([]);
});

it('does not leave an operation unfinished when the service stops', async () => {
  await ticketToKeep();
  const { id } = await device.pending();
  await stack.microservice.stop();
  await waitUntil('the end of the operation', async () => {
    const { status } = await device.operation(id);
    return status === 'FAILED';
  });
});
