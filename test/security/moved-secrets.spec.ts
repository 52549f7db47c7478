import type { Endpoint } from '@remote-access/contracts';
import { FRAGMENTS, type Operation } from '@remote-access/contracts/platform';
import { GatewayEndpoints, SSH_ENDPOINT as SSH } from '../fixtures/gateway-endpoints';
import { Stack } from '../fixtures/stack';

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

const endpoints = new GatewayEndpoints(() => stack, '1001');
const other = new GatewayEndpoints(() => stack, '1002');

async function refusalOfSession(endpointId: string): Promise<string> {
  const opened = await stack
    .connectRaw(endpointId)
    .catch((refusal: unknown) => (refusal as Error).message);
  return typeof opened === 'string' ? opened : 'opened';
}

const REFUSED = 'Unexpected server response: 409';

describe('a sealed password moved without going through the service', () => {
  it.each<[string, (endpoint: Endpoint) => object]>([
    ['to another host', endpoint => ({ ...endpoint, hostname: 'evil.example' })],
    ['to another port', endpoint => ({ ...endpoint, port: 2222 })],
    ['to another endpoint', endpoint => ({ ...endpoint, id: '9' })],
  ])('%s cannot be opened, and no operation is created', async (_where, move) => {
    const { id } = await endpoints.create(SSH);
    const moved = (await endpoints.stored()).map(move) as Endpoint[];
    await endpoints.writeDirectly({ [FRAGMENTS.list]: moved });
    expect(await refusalOfSession(moved[0]?.id ?? id)).toBe(REFUSED);
    const { operations } = await stack.json<{ operations: Operation[] }>(
      '/devicecontrol/operations?deviceId=1001',
      { user: 'admin' },
    );
    expect(operations).toEqual([]);
  });

  it('from another device cannot be unsealed', async () => {
    await other.create(SSH);
    await endpoints.writeDirectly({ [FRAGMENTS.list]: await other.stored() });
    expect(await refusalOfSession('1')).toBe(REFUSED);
  });
});
