import type { Endpoint } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { RawDevice } from '../fixtures/raw-device';
import { basic, Stack } from '../fixtures/stack';

const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

let stack: Stack;
let endpoint: Endpoint;
beforeEach(async () => {
  const env = { MAX_SESSIONS_PER_USER: '2', MAX_SESSIONS_PER_DEVICE: '3' };
  // No gateway answers: sessions that wait for one count as well.
  stack = await Stack.start({ agent: false, env });
  endpoint = await stack.addEndpoint(BODY, DEVICE);
});
afterEach(() => stack.stop(), 15_000);

async function refusalOf(user: string): Promise<{ status: number; body: string }> {
  const path = stack.clientPath(endpoint.id, DEVICE);
  const { status, body, socket } = await rawUpgrade(stack.emulator.url, path, {
    Authorization: basic(user),
  });
  socket.destroy();
  return { status, body };
}

it('one more session than a user may have is refused, and names the limit', async () => {
  for (let count = 0; count < 2; count += 1) {
    await stack.connectRaw(endpoint.id, 'operator', DEVICE);
  }
  const { status, body } = await refusalOf('operator');
  expect(status).toBe(429);
  expect(JSON.parse(body)).toMatchObject({
    error: 'remoteaccess/too-many-requests',
    message: 'You have 2 sessions; a user may have 2 at a time.',
  });
});

it('another user is not affected until the gateway has reached its own limit', async () => {
  for (const user of ['operator', 'operator', 'engineer']) {
    await stack.connectRaw(endpoint.id, user, DEVICE);
  }
  const { status, body } = await refusalOf('engineer');
  expect(status).toBe(429);
  expect(JSON.parse(body)).toMatchObject({
    message: 'The gateway has 3 sessions; it may have 3 at a time.',
  });
});

it('fetching host keys counts as a session', async () => {
  const fetch = (): Promise<Response> =>
    stack.fetch(`/service/remoteaccess/devices/${DEVICE}/host-keys/fetch`, {
      method: 'POST',
      body: JSON.stringify({ hostname: '10.0.0.5', port: 22 }),
    });
  const device = new RawDevice(stack);
  const waiting = [fetch(), fetch()];
  // Not asked for with a session, which would take the place of one of them.
  await waitUntil('both wait for the gateway', async () => {
    return (await device.operations('&status=PENDING')).length === 2;
  });
  expect((await refusalOf('engineer')).status).toBe(429);
  const refused = await fetch();
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({
    message: 'You have 2 sessions; a user may have 2 at a time.',
  });
  await stack.connectRaw(endpoint.id, 'operator', DEVICE);
  expect(JSON.parse((await refusalOf('operator')).body)).toMatchObject({
    message: 'The gateway has 3 sessions; it may have 3 at a time.',
  });
  for (const { id } of await device.operations('&status=PENDING')) {
    await device.report(id, 'FAILED', 'no route');
  }
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([502, 502]);
});

it('a session that has ended makes room for the next one', async () => {
  const first = await stack.connectRaw(endpoint.id, 'operator', DEVICE);
  await stack.connectRaw(endpoint.id, 'operator', DEVICE);
  expect((await refusalOf('operator')).status).toBe(429);
  first.terminate();
  await waitUntil('there is room', async () => (await refusalOf('operator')).status === 101);
});
