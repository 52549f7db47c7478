import { once } from 'node:events';
import type { Operation } from '@remote-access/contracts/platform';
import { Stack } from '../fixtures/stack';

/** Well below the two seconds after which a poll would find it. */
const AT_ONCE_MS = 1_000;

let stack: Stack;
beforeAll(async () => (stack = await Stack.start({ agent: false })));
afterAll(() => stack.stop());

const operations = async (): Promise<Operation[]> =>
  (
    await stack.json<{ operations: Operation[] }>(
      '/devicecontrol/operations?deviceId=1001&pageSize=100&revert=true',
      { user: 'admin' },
    )
  ).operations;

it('a client is told at once when the gateway fails its operation', async () => {
  const { id } = await stack.addEndpoint({
    name: 'Port',
    hostname: 'plc.local',
    port: 102,
    protocol: 'PASSTHROUGH',
  });
  const stats: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const created = new Promise<Operation>(resolve => {
      const stop = stack.emulator.store.changes.on(change => {
        if (change.area !== 'operations' || change.action !== 'CREATE') return;
        stop();
        resolve(change.data as Operation);
      });
    });
    const socket = await stack.connectRaw(id);
    const operation = await created;
    const closed = once(socket, 'close');
    for (const change of [
      { status: 'EXECUTING' },
      { status: 'FAILED', failureReason: 'connection refused by plc.local:102' },
    ]) {
      await stack.json(`/devicecontrol/operations/${operation.id}`, {
        method: 'PUT',
        user: 't1001/device_gw-1',
        body: JSON.stringify(change),
      });
    }
    const failedAt = performance.now();
    const [code, reason] = (await closed) as [number, Buffer];
    stats.push(performance.now() - failedAt);
    expect({ code, reason: reason.toString() }).toEqual({
      code: 4502,
      reason: expect.stringContaining('connection refused by plc.local:102'),
    });
  }
  expect(Math.max(...stats)).toBeLessThan(AT_ONCE_MS);
  expect((await operations()).map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'FAILED']);
});
