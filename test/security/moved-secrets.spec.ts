import { once } from 'node:events';
import type { Endpoint } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject, type Operation } from '@remote-access/contracts/platform';
import { Stack } from '../fixtures/stack';

const SSH = {
  name: 'Shell',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'root',
  password: 'correct horse',
} as const;

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

const path = (device: string): string => `/inventory/managedObjects/${device}`;

async function storedOn(device: string): Promise<Endpoint[]> {
  const object = await stack.json<ManagedObject>(path(device), { user: 'admin' });
  return object[FRAGMENTS.list] as Endpoint[];
}

/** What a user with rights on the inventory can do past us. */
async function store(device: string, endpoints: object[]): Promise<void> {
  const body = JSON.stringify({ [FRAGMENTS.list]: endpoints });
  await stack.json(path(device), { method: 'PUT', user: 'admin', body });
}

async function closeOfSession(endpointId: string): Promise<number> {
  const socket = await stack.connectRaw(endpointId);
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

describe('a sealed password that was moved past us', () => {
  it.each<[string, (endpoint: Endpoint) => object]>([
    ['to another host', endpoint => ({ ...endpoint, hostname: 'evil.example' })],
    ['to another port', endpoint => ({ ...endpoint, port: 2222 })],
    ['to another endpoint', endpoint => ({ ...endpoint, id: '9' })],
  ])('%s opens nothing, and no gateway is asked', async (_where, move) => {
    const { id } = await stack.addEndpoint(SSH);
    const moved = (await storedOn('1001')).map(move) as Endpoint[];
    await store('1001', moved);
    expect(await closeOfSession(moved[0]?.id ?? id)).toBe(4424);
    const { operations } = await stack.json<{ operations: Operation[] }>(
      '/devicecontrol/operations?deviceId=1001',
      { user: 'admin' },
    );
    expect(operations).toEqual([]);
  });

  it('from another device opens nothing', async () => {
    await stack.addEndpoint(SSH, '1002');
    await store('1001', await storedOn('1002'));
    expect(await closeOfSession('1')).toBe(4424);
  });
});
