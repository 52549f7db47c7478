import { waitUntil } from '@remote-access/testkit';
import { connectAsync } from 'mqtt';
import type { Emulator, EmulatorOptions } from '../emulator';
import { PASSWORD, RestClient, startEmulator } from '../rest-client.fixture';

const DEVICE = '/inventory/managedObjects/1001';

describe('what the platform writes about a device', () => {
  let emulator: Emulator;
  let now: Date;
  const client = (user: string) => new RestClient(emulator.url, user);
  const device = async () => (await client('engineer').get(DEVICE)).body;

  async function start(options: EmulatorOptions = {}): Promise<void> {
    now = new Date('2026-11-29T10:00:00.000Z');
    emulator = await startEmulator({ now: () => now, ...options });
  }
  afterEach(() => emulator.stop());

  const bayeux = async (path: string, message: object) => {
    const messages = [{ id: '1', ...message }];
    return (await client('device_gw-1').post(`/notification/${path}`, messages)).body[0];
  };

  /** Listens for operations, as agents do. */
  async function listen(): Promise<string> {
    const { clientId } = await bayeux('operations', { channel: '/meta/handshake', version: '1.0' });
    const subscription = { channel: '/meta/subscribe', clientId, subscription: '/1001' };
    expect(await bayeux('operations', subscription)).toMatchObject({ successful: true });
    return clientId as string;
  }

  it('is that it is connected while it listens for operations', async () => {
    await start();
    expect((await device()).c8y_Connection).toBeUndefined();
    const [first, second] = [await listen(), await listen()];
    expect((await device()).c8y_Connection).toEqual({ status: 'CONNECTED' });
    await bayeux('operations', { channel: '/meta/disconnect', clientId: first });
    expect((await device()).c8y_Connection).toEqual({ status: 'CONNECTED' });
    const channel = '/meta/unsubscribe';
    await bayeux('operations', { channel, clientId: second, subscription: '/1001' });
    expect((await device()).c8y_Connection).toEqual({ status: 'DISCONNECTED' });
  });

  it('is nothing for users who watch its operations', async () => {
    await start();
    const user = client('operator');
    const post = async (message: object) =>
      (await user.post('/notification/realtime', [{ id: '1', ...message }])).body[0];
    const { clientId } = await post({ channel: '/meta/handshake', version: '1.0' });
    const subscription = '/operations/1001';
    expect(await post({ channel: '/meta/subscribe', clientId, subscription })).toMatchObject({
      successful: true,
    });
    expect((await device()).c8y_Connection).toBeUndefined();
  });

  it('is that it is connected over MQTT, until the connection is lost', async () => {
    await start({ mqtt: { port: 0 } });
    const mqtt = await connectAsync(emulator.mqttUrl!, {
      clientId: 'gw-1',
      username: 't1001/device_gw-1',
      password: PASSWORD,
      reconnectPeriod: 0,
    });
    expect((await device()).c8y_Connection).toEqual({ status: 'CONNECTED' });
    mqtt.stream.destroy();
    await waitUntil('it counts as disconnected', async () => {
      return (await device()).c8y_Connection.status === 'DISCONNECTED';
    });
  });

  it('is when it last sent something, if required, and that it is late', async () => {
    await start();
    await client('device_gw-1').put(DEVICE, { c8y_Agent: { name: 'test' } });
    const lastMessage = now.toISOString();
    expect((await device()).c8y_Availability).toEqual({ status: 'AVAILABLE', lastMessage });
    now = new Date(now.getTime() + 30 * 60_000 + 1);
    expect((await device()).c8y_Availability).toEqual({ status: 'UNAVAILABLE', lastMessage });
    await client('admin').put(DEVICE, { c8y_RequiredAvailability: null });
    await client('device_gw-1').put(DEVICE, { c8y_Agent: { name: 'again' } });
    expect((await device()).c8y_Availability).toEqual({ status: 'AVAILABLE', lastMessage });
  });

  it.each([
    ['reads', (own: RestClient) => own.get(DEVICE)],
    ['is refused', (own: RestClient) => own.put('/inventory/managedObjects/1002', { name: 'x' })],
    [
      'runs an application',
      (own: RestClient) =>
        own.post(
          '/inventory/managedObjects',
          { name: 'x' },
          { 'X-Cumulocity-Application-Key': 'k' },
        ),
    ],
  ])('is nothing when its user only %s', async (_what, act) => {
    await start();
    await act(client('device_gw-1'));
    expect((await device()).c8y_Availability).toBeUndefined();
  });
});
