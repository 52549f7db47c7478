import type { Emulator } from '../emulator';
import { RestClient, startEmulator } from '../rest-client.fixture';

describe.each([
  ['/alarm/alarms', 'alarms'],
  ['/event/events', 'events'],
])('%s', (path, field) => {
  let emulator: Emulator;
  const as = (user?: string) => new RestClient(emulator.url, user);
  const record = {
    type: 'c8y_Test',
    text: 'Something happened',
    time: '2026-01-01T00:00:00Z',
    severity: 'MINOR',
    source: { id: '1001' },
  };

  beforeEach(async () => {
    emulator = await startEmulator();
  });
  afterEach(() => emulator.stop());

  it('are created by the device and listed for users', async () => {
    expect((await as('device_gw-1').post(path, record)).status).toBe(201);
    const list = async (user: string, query = '') =>
      (await as(user).get(`${path}?${query}`)).body[field];
    expect(await list('viewer', 'source=1001&type=c8y_Test')).toMatchObject([record]);
    expect(await list('viewer', 'source=1002')).toEqual([]);
    expect(await list('device_gw-1')).toHaveLength(1);
    expect(await list('device_gw-2')).toEqual([]);
    expect(await list('t1002/admin')).toEqual([]);
    if (field === 'alarms') {
      expect(await list('viewer', 'status=ACTIVE,CLEARED')).toHaveLength(1);
      expect(await list('viewer', 'status=CLEARED')).toEqual([]);
    }
  });

  it('are refused without the right, and when they are incomplete', async () => {
    expect((await as('device_gw-2').post(path, record)).status).toBe(403);
    expect((await as('viewer').post(path, record)).status).toBe(403);
    expect((await as('t1002/admin').post(path, record)).status).toBe(404);
    expect((await as().get(path)).status).toBe(401);
    expect((await as('device_gw-2').get(`${path}?source=1001`)).status).toBe(403);
    for (const change of [{ text: undefined }, { time: 'soon' }, { source: {} }]) {
      const reply = await as('device_gw-1').post(path, { ...record, ...change });
      expect(reply.status).toBe(422);
    }
  });
});
