import type { Emulator } from '../emulator';
import { RestClient, startEmulator, withoutDeviceRoles } from '../rest-client.fixture';

describe('the audit log', () => {
  let emulator: Emulator;
  const as = (user?: string) => new RestClient(emulator.url, user);
  const path = '/audit/auditRecords';
  const record = {
    type: 'Inventory',
    activity: 'Endpoint added',
    text: 'Endpoint "a" added',
    time: '2026-01-01T00:00:00.000Z',
    source: { id: '1001' },
  };

  beforeEach(async () => {
    emulator = await startEmulator();
    withoutDeviceRoles(emulator);
  });
  afterEach(() => emulator.stop());

  it('contains who created an operation and who changed its status', async () => {
    const created = await as('operator').post('/devicecontrol/operations', {
      deviceId: '1001',
      description: 'Connect to remote access server',
      c8y_RemoteAccessConnect: { hostname: 'h', port: 22, connectionKey: 'the-key' },
    });
    const { id } = created.body;
    const operation = `/devicecontrol/operations/${id}`;
    await as('device_gw-1').put(operation, { status: 'EXECUTING' });
    await as('device_gw-1').put(operation, { status: 'EXECUTING' });
    await as('device_gw-1').put(operation, { status: 'FAILED', failureReason: 'refused' });
    const reply = await as('engineer').get(`${path}?source=${id}&type=Operation`);
    expect(reply.text).not.toContain('the-key');
    expect(reply.body.auditRecords).toMatchObject([
      {
        activity: 'Operation updated',
        user: 'device_gw-1',
        text: "Operation updated: status='FAILED', failureReason='refused'",
        changes: [{ previousValue: 'EXECUTING', newValue: 'FAILED' }],
      },
      { activity: 'Operation updated', user: 'device_gw-1' },
      { activity: 'Operation created', user: 'operator', source: { id }, type: 'Operation' },
    ]);
  });

  it('accepts records from callers with the role, and names the caller', async () => {
    const { status, body } = await as('admin').post(path, record);
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...record, user: 'admin', id: expect.any(String) });
    expect((await as('engineer').get(`${path}/${body.id}`)).body).toMatchObject(record);
    expect((await as('engineer').post(path, record)).status).toBe(403);
    expect((await as().post(path, record)).status).toBe(401);
  });

  it('is read only with the role, and only in its own tenant', async () => {
    const { body } = await as('admin').post(path, record);
    expect((await as('viewer').get(path)).status).toBe(403);
    expect((await as('device_gw-1').get(path)).status).toBe(403);
    expect((await as().get(path)).status).toBe(401);
    expect((await as('t1002/admin').get(path)).body.auditRecords).toEqual([]);
    expect((await as('t1002/admin').get(`${path}/${body.id}`)).status).toBe(404);
  });

  it('is filtered by source, type, user and time, newest first', async () => {
    await as('admin').post(path, record);
    await as('admin').post(path, { ...record, type: 'Option', user: 'eva', text: 'second' });
    const texts = async (query: string): Promise<string[]> =>
      (await as('engineer').get(`${path}?${query}`)).body.auditRecords.map(
        (one: { text: string }) => one.text,
      );
    expect(await texts('source=1001')).toEqual(['second', record.text]);
    expect(await texts('source=1001&revert=true')).toEqual([record.text, 'second']);
    expect(await texts('type=Option')).toEqual(['second']);
    expect(await texts('user=admin')).toEqual([record.text]);
    expect(await texts('dateFrom=2026-01-02T00:00:00Z')).toEqual([]);
    expect(await texts('dateTo=2026-01-02T00:00:00Z&pageSize=1')).toEqual(['second']);
  });

  it.each([
    { text: undefined },
    { activity: '' },
    { type: 5 },
    { time: 'yesterday' },
    { source: '1001' },
    { source: null },
  ])('refuses a record with %j', async change => {
    expect((await as('admin').post(path, { ...record, ...change })).status).toBe(422);
  });
});
