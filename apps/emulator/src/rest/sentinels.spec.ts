import type { Emulator } from '../emulator';
import { RestClient, startEmulator } from '../rest-client.fixture';
import { failureIn } from './sentinels';

describe('a sentinel word', () => {
  it.each([
    ['fail-500', { kind: 'status', status: 500 }],
    ['host fail-503.example', { kind: 'status', status: 503 }],
    ['slow-3s', { kind: 'slow', delayMs: 3_000 }],
    ['drop-connection', { kind: 'drop' }],
    ['fail-200', undefined],
    ['unfail-5000', undefined],
    ['slow-0s', undefined],
    ['slow-100s', undefined],
    ['Factory gateway', undefined],
  ])('is found in "%s"', (text, failure) => {
    expect(failureIn(text)).toEqual(failure);
  });
});

describe('the emulator fails requests on purpose', () => {
  let emulator: Emulator;
  const as = (user?: string) => new RestClient(emulator.url, user);
  const named = async (name: string): Promise<string> => {
    const object = { name, c8y_IsDevice: {} };
    return (await as('admin').post('/inventory/managedObjects', object)).body.id;
  };

  beforeEach(async () => {
    emulator = await startEmulator();
  });
  afterEach(() => emulator.stop());

  it('that concern a device with such a name, except DELETE', async () => {
    const id = await named('Gateway fail-500');
    const object = `/inventory/managedObjects/${id}`;
    const reply = await as('admin').get(object);
    expect(reply.status).toBe(500);
    expect(reply.body.error).toBe('emulator/Sentinel');
    for (const path of [
      `${object}/childDevices`,
      `/identity/globalIds/${id}/externalIds`,
      `/devicecontrol/operations?deviceId=${id}`,
      `/alarm/alarms?source=${id}`,
    ]) {
      expect((await as('admin').get(path)).status).toBe(500);
    }
    const create = await as('admin').post('/devicecontrol/operations', { deviceId: id });
    expect(create.status).toBe(500);
    expect((await as('admin').get('/inventory/managedObjects?q=')).status).toBe(200);
    expect((await as('admin').get('/inventory/managedObjects/1001')).status).toBe(200);
    expect((await as('admin').delete(object)).status).toBe(204);
  });

  it('only after authentication', async () => {
    const id = await named('fail-500');
    expect((await as().get(`/inventory/managedObjects/${id}`)).status).toBe(401);
  });

  it('that concern an operation with such a host name or description', async () => {
    const post = (operation: object) =>
      as('operator').post('/devicecontrol/operations', { deviceId: '1001', ...operation });
    const connect = { hostname: 'fail-502.example', port: 22, connectionKey: 'k' };
    expect((await post({ c8y_RemoteAccessConnect: connect })).status).toBe(502);
    expect((await post({ description: 'fail-403' })).status).toBe(403);
    expect((await post({ description: 'fine' })).status).toBe(201);
  });

  it('that write a list of endpoints with such a name', async () => {
    const put = (name: string) =>
      as('admin').put('/inventory/managedObjects/1001', { c8y_RemoteAccessList: [null, { name }] });
    expect((await put('shell fail-500')).status).toBe(500);
    expect((await put('shell')).status).toBe(200);
  });

  it('that write an option with such a value', async () => {
    const put = (value: string) =>
      as('admin').put('/tenant/options/remoteaccess', { notice: value });
    expect((await put('fail-500')).status).toBe(500);
    expect((await put('fine')).status).toBe(200);
    expect((await as('admin').get('/tenant/options/remoteaccess')).body.notice).toBe('fine');
  });

  it('by dropping the connection', async () => {
    const id = await named('drop-connection');
    await expect(as('admin').get(`/inventory/managedObjects/${id}`)).rejects.toThrow(
      'fetch failed',
    );
  });

  it('by being slow', async () => {
    const id = await named('slow-1s');
    const start = performance.now();
    expect((await as('admin').get(`/inventory/managedObjects/${id}`)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  it('whose header contains a word', async () => {
    const reply = await as('viewer').get('/user/currentUser', { 'X-Emulator-Fail': 'fail-503' });
    expect(reply.status).toBe(503);
    const service = await as('viewer').get('/service/remoteaccess/health', {
      'X-Emulator-Fail': 'fail-418',
    });
    expect(service.status).toBe(418);
    const drop = as('viewer').get('/', { 'X-Emulator-Fail': 'drop-connection' });
    await expect(drop).rejects.toThrow('fetch failed');
  });
});
