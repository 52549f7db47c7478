import type { Operation } from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import type { Cumulocity } from '../platform/cumulocity';
import { OperationWatch } from './operation-watch';
import { TenantChannels } from '../platform/tenant-channels';

const operation = (status: Operation['status'], failureReason?: string): Operation => ({
  id: '7',
  deviceId: '1001',
  creationTime: '2026-01-01T00:00:00.000Z',
  status,
  ...(failureReason ? { failureReason } : {}),
});

let answer: () => Promise<Operation | undefined>;
const heard: string[] = [];
const platform = {
  asService: () => ({ operation: () => answer() }),
  realtime: () => undefined,
} as unknown as Cumulocity;
const log = new Log({ logLevel: 'error' });
const channels = new TenantChannels(platform, log);
const watch = new OperationWatch(platform, channels, log);

const start = (): (() => void) =>
  watch.watch('t1001', '7', '1001', ({ status, failureReason }) =>
    heard.push(failureReason ? `${status}: ${failureReason}` : status),
  );

beforeEach(() => {
  jest.useFakeTimers();
  heard.length = 0;
});
afterEach(() => {
  watch.onModuleDestroy();
  channels.onModuleDestroy();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('a watched operation without real-time notifications', () => {
  it('is reported at once, and then once per change', async () => {
    answer = () => Promise.resolve(operation('PENDING'));
    start();
    await jest.advanceTimersByTimeAsync(5_000);
    answer = () => Promise.resolve(operation('FAILED', 'connection refused'));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(heard).toEqual(['PENDING', 'FAILED: connection refused']);
  });

  it.each(['SUCCESSFUL', 'FAILED'] as const)('that is %s is no longer read', async status => {
    const read = jest.fn(() => Promise.resolve(operation(status)));
    answer = read;
    start();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(heard).toEqual([status]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is still watched while the platform fails or does not know it yet', async () => {
    answer = () => Promise.reject(new Error('down'));
    const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    start();
    await jest.advanceTimersByTimeAsync(2_100);
    answer = () => Promise.resolve(undefined);
    await jest.advanceTimersByTimeAsync(2_100);
    answer = () => Promise.resolve(operation('EXECUTING'));
    await jest.advanceTimersByTimeAsync(2_100);
    expect(heard).toEqual(['EXECUTING']);
    stdout.mockRestore();
  });

  it('is not reported after the end, not even by a pending response', async () => {
    let late = (_operation: Operation): void => undefined;
    answer = () => new Promise(resolve => (late = resolve));
    const end = start();
    end();
    late(operation('FAILED'));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(heard).toEqual([]);
  });
});
