import type { Ticket } from '@remote-access/contracts';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { basic, Stack } from '../fixtures/stack';

// A platform whose ingress demands credentials on the upgrade itself, in addition to our ticket.
let stack: Stack;
let path: string;
beforeAll(async () => {
  stack = await Stack.start({ agent: false, asHosted: true, upgradeNeedsCredentials: true });
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
  path = stack.clientPath((await stack.addEndpoint(body, '1002')).id, '1002');
});
afterAll(() => stack.stop());

const ticket = (): Promise<Ticket> =>
  stack.json<Ticket>(`${path}/tickets`, { method: 'POST', user: 'operator' });

async function upgrade(query: Record<string, string>, headers = {}): Promise<number> {
  const address = `${path}?${new URLSearchParams(query).toString()}`;
  const answer = await rawUpgrade(stack.emulator.url, address, headers);
  answer.socket.destroy();
  return answer.status;
}

const TOKEN = basic('operator').slice('Basic '.length);

it('a ticket alone is not sufficient', async () => {
  expect(await upgrade({ ticket: (await ticket()).ticket })).toBe(401);
});

it('the cookie is sent by itself', async () => {
  const { cookie } = await stack.signIn('operator');
  expect(await upgrade({ ticket: (await ticket()).ticket }, { Cookie: cookie })).toBe(101);
});

it('a page signed in with Basic may send the credential only if the tenant says so', async () => {
  expect(await ticket()).not.toHaveProperty('tokenInAddress');
  const { options } = stack.emulator.store.tenant('t1001')!;
  const [category, key] = ['remoteaccess', 'remoteaccess.websocket.token'];
  options.put({ id: `${category}/${key}`, category, key, value: 'true' });
  await stack.restartMicroservice();
  const issued = await ticket();
  expect(issued.tokenInAddress).toBe(true);
  expect(await upgrade({ ticket: issued.ticket, token: TOKEN })).toBe(101);
});

it('the credential in the address does not replace an invalid ticket', async () => {
  expect(await upgrade({ ticket: 'x', token: TOKEN })).toBe(401);
});
