import { readFileSync } from 'node:fs';
import { CertificateAuthority, temporaryFolder, waitUntil } from '@remote-access/testkit';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import type { Emulator, EmulatorOptions } from '../emulator';
import { PASSWORD, RestClient, startEmulator } from '../rest-client.fixture';

/** A device over MQTT that records what it receives. */
class Device {
  readonly received: string[] = [];

  private constructor(readonly client: MqttClient) {
    client.on('message', (topic, payload) =>
      this.received.push(`${topic} ${payload.toString('utf8')}`),
    );
    client.on('error', () => undefined);
  }

  static async connect(url: string, serial: string, more: IClientOptions = {}): Promise<Device> {
    const client = await connectAsync(url, {
      clientId: serial,
      username: `t1001/device_${serial}`,
      password: PASSWORD,
      reconnectPeriod: 0,
      ...more,
    });
    return new Device(client);
  }

  async listen(...topics: string[]): Promise<this> {
    await this.client.subscribeAsync(topics, { qos: 1 });
    return this;
  }

  send(topic: string, payload: string): Promise<unknown> {
    return this.client.publishAsync(topic, payload, { qos: 1 });
  }

  receives(pattern: RegExp): Promise<void> {
    return waitUntil(`a message like ${String(pattern)}`, () =>
      this.received.some(message => pattern.test(message)),
    );
  }
}

const closeOf = ({ client }: Device): Promise<void> =>
  new Promise(resolve => client.once('close', () => resolve()));

const connect = (key: string) => ({
  deviceId: '1001',
  c8y_RemoteAccessConnect: { hostname: '10.0.0.5', port: 22, connectionKey: key },
});

describe('the MQTT broker', () => {
  let emulator: Emulator;
  let now: Date;
  const devices: Device[] = [];
  const folder = temporaryFolder('mqtt');
  const engineer = () => new RestClient(emulator.url, 'engineer');
  const admin = () => new RestClient(emulator.url, 'admin');

  const start = async (options: EmulatorOptions = {}): Promise<void> => {
    emulator = await startEmulator({ mqtt: { port: 0 }, now: () => now, ...options });
  };
  const device = async (serial = 'gw-1', more: IClientOptions = {}): Promise<Device> => {
    const connected = await Device.connect(more.host ?? emulator.mqttUrl!, serial, more);
    devices.push(connected);
    return connected;
  };
  const create = async (key: string, body: object = connect(key)): Promise<string> =>
    (await engineer().post('/devicecontrol/operations', body)).body.id;
  const operation = async (id: string) =>
    (await engineer().get(`/devicecontrol/operations/${id}`)).body;

  beforeEach(() => {
    now = new Date();
  });
  afterEach(async () => {
    await Promise.all(devices.splice(0).map(one => one.client.endAsync(true)));
    await emulator.stop();
  });
  afterAll(() => folder.remove());

  it('announces operations as rows and as JSON, and accepts their statuses', async () => {
    await start();
    const gateway = await (await device()).listen('s/ds', 'devicecontrol/notifications', 's/e');
    const id = await create('key-1');
    await gateway.receives(/^s\/ds 530,gw-1,10\.0\.0\.5,22,key-1$/);
    await gateway.receives(
      new RegExp(`^devicecontrol/notifications .*"id":"${id}".*"externalId":"gw-1"`),
    );
    await gateway.send('s/us', '501,c8y_RemoteAccessConnect');
    expect(await operation(id)).toMatchObject({ status: 'EXECUTING' });
    await gateway.send('s/us', '502,c8y_RemoteAccessConnect,"no ""route"", sorry"');
    expect(await operation(id)).toMatchObject({
      status: 'FAILED',
      failureReason: 'no "route", sorry',
    });
    await gateway.send('s/us', '503,c8y_RemoteAccessConnect');
    await gateway.receives(/^s\/e 41,503,/);
  });

  it('sets the oldest operation with the fragment, or the one with the id', async () => {
    await start();
    const gateway = await device();
    const ids = [await create('key-1'), await create('key-2'), await create('key-3')] as const;
    await gateway.send('s/us', `501,c8y_RemoteAccessConnect\n504,${ids[2]}\n506,${ids[2]}`);
    const statuses = async () =>
      Promise.all(ids.map(async id => (await operation(id)).status as string));
    expect(await statuses()).toEqual(['EXECUTING', 'PENDING', 'SUCCESSFUL']);
    await gateway.send('s/us', `504,${ids[1]}\n505,${ids[1]},"late"`);
    await gateway.send('s/us', '507,c8y_RemoteAccessConnect,"restarted"');
    expect(await statuses()).toEqual(['FAILED', 'FAILED', 'SUCCESSFUL']);
    expect(await operation(ids[0])).toMatchObject({ failureReason: 'restarted' });
  });

  it('takes names that every object has neither for fragments nor for templates', async () => {
    await start();
    const gateway = await (await device()).listen('s/e');
    const id = await create('key-1');
    await gateway.send('s/us', '501,toString\nconstructor,c8y_RemoteAccessConnect');
    await gateway.receives(/^s\/e 41,501,/);
    await gateway.receives(/^s\/e 41,constructor,.*does not emulate/);
    await gateway.send('s/us', `504,${id}\n507,toString,"restarted"`);
    expect(await operation(id)).toMatchObject({ status: 'EXECUTING' });
  });

  it('sends pending operations again on 500, including those of child devices', async () => {
    await start();
    const gateway = await (await device()).listen('s/ds');
    await gateway.send('s/us', '101,plc-7,PLC,c8y_Plc');
    const child = (await admin().get('/identity/externalIds/c8y_Serial/plc-7')).body.managedObject;
    const id = await create('key-c', { ...connect('key-c'), deviceId: child.id });
    await gateway.receives(/^s\/ds 530,plc-7,/);
    gateway.received.length = 0;
    await gateway.send('s/us', '500');
    await gateway.receives(/^s\/ds 530,plc-7,10\.0\.0\.5,22,key-c$/);
    await gateway.send('s/us/plc-7', '501,c8y_RemoteAccessConnect');
    expect(await operation(id)).toMatchObject({ status: 'EXECUTING' });
  });

  it('stores what a device declares, and creates devices that it does not know', async () => {
    await start();
    const { accounts } = emulator.store.tenant('t1001')!;
    accounts.put({ ...accounts.get('device_gw-1')!, id: 'device_new' });
    const gateway = await (await device('new')).listen('s/ds');
    await gateway.send('s/us', '100,"New gateway",c8y_Gateway');
    await gateway.send('s/us', '114,c8y_RemoteAccessConnect\n122,agent,1.2,\n150,SSH,VNC\n123');
    const { id } = (await admin().get('/identity/externalIds/c8y_Serial/new')).body.managedObject;
    await gateway.receives(new RegExp(`^s/ds 124,${id}$`));
    expect((await admin().get(`/inventory/managedObjects/${id}`)).body).toMatchObject({
      name: 'New gateway',
      type: 'c8y_Gateway',
      owner: 'device_new',
      c8y_SupportedOperations: ['c8y_RemoteAccessConnect'],
      c8y_RemoteAccessSupportedProtocols: ['SSH', 'VNC'],
      c8y_Agent: { name: 'agent', version: '1.2', url: '' },
    });
  });

  it('issues tokens, and new ones only in the second half of their lifetime', async () => {
    await start();
    await admin().put('/tenant/options/oauth.internal/device-token.lifespan.seconds', {
      value: '400',
    });
    const gateway = await (await device()).listen('s/dat');
    const next = async (): Promise<string> => {
      gateway.received.length = 0;
      await gateway.send('s/uat', '');
      await gateway.receives(/^s\/dat 71,/);
      return gateway.received[0]!.slice('s/dat 71,'.length);
    };
    const first = await next();
    const authorization = `Bearer ${first}`;
    const client = new RestClient(emulator.url);
    const path = '/inventory/managedObjects/1001';
    expect((await client.get(path, { authorization })).status).toBe(200);
    now = new Date(now.getTime() + 150_000);
    expect(await next()).toBe(first);
    now = new Date(now.getTime() + 100_000);
    expect(await next()).not.toBe(first);
    now = new Date(now.getTime() + 160_000);
    expect((await client.get(path, { authorization })).status).toBe(401);
  });

  it('registers a device that a user announced and accepted', async () => {
    await start();
    const { accounts } = emulator.store.tenant('management')!;
    expect(accounts.get('devicebootstrap')).toMatchObject({ enabled: true });
    const path = '/devicecontrol/newDeviceRequests';
    expect((await engineer().post(path, { id: 'fresh' })).status).toBe(201);
    const fresh = await device('fresh', { username: 'management/devicebootstrap' });
    await fresh.listen('s/dcr');
    expect((await engineer().put(`${path}/fresh`, { status: 'ACCEPTED' })).status).toBe(422);
    await fresh.send('s/ucr', '');
    expect((await engineer().get(`${path}/fresh`)).body.status).toBe('PENDING_ACCEPTANCE');
    expect((await engineer().put(`${path}/fresh`, { status: 'ACCEPTED' })).status).toBe(200);
    await fresh.send('s/ucr', '');
    await fresh.receives(/^s\/dcr 70,t1001,device_fresh,/);
    const password = fresh.received[0]!.split(',').pop()!;
    await (await device('fresh', { password })).send('s/us', '100,Fresh');
    expect((await admin().get('/identity/externalIds/c8y_Serial/fresh')).status).toBe(200);
    expect((await engineer().get(`${path}/fresh`)).status).toBe(404);
  });

  it('registers a device over REST', async () => {
    await start();
    const device = new RestClient(emulator.url, 'management/devicebootstrap');
    const ask = () => device.post('/devicecontrol/deviceCredentials', { id: 'r-1' });
    expect((await ask()).status).toBe(404);
    await engineer().post('/devicecontrol/newDeviceRequests', { id: 'r-1' });
    expect((await ask()).status).toBe(404);
    await engineer().put('/devicecontrol/newDeviceRequests/r-1', { status: 'ACCEPTED' });
    const { body } = await ask();
    expect(body).toMatchObject({ id: 'r-1', tenantId: 't1001', username: 'device_r-1' });
    const own = new RestClient(emulator.url, `t1001/${body.username}`, body.password);
    expect((await own.get('/inventory/managedObjects')).status).toBe(200);
    expect((await ask()).status).toBe(404);
  });

  it.each([
    ['a wrong password', 'gw-1', { password: 'wrong' }, 4],
    ['an unknown user', 'gw-1', { username: 't1001/nobody' }, 4],
    ['the identifier of another device', 'gw-2', { username: 't1001/device_gw-1' }, 5],
    ['a person', 'new', { username: 't1001/engineer' }, 5],
    ['a device of another tenant', 'gw-t2', { username: 't1001/device_gw-1' }, 0],
    ['a malformed identifier', 'd:a:b:c', { username: 't1001/device_gw-1' }, 2],
  ])('security: refuses %s', async (_what, serial, more, code) => {
    await start();
    const connected = device(serial, more);
    // A serial number of another tenant is free in this one.
    if (code === 0) expect((await connected).client.connected).toBe(true);
    else await expect(connected).rejects.toMatchObject({ code });
  });

  it('security: shows a device no operations of others, and lets it publish for itself', async () => {
    await start();
    const other = await (await device('gw-2')).listen('s/ds', 'devicecontrol/notifications', 's/e');
    const gateway = await (await device()).listen('s/ds');
    const id = await create('key-1');
    await gateway.receives(/key-1/);
    await other.send('s/us', `504,${id}`);
    await other.send('s/us/gw-1', '501,c8y_RemoteAccessConnect');
    await other.receives(/^s\/e 41,504,/);
    await other.receives(/^s\/e 41,501,/);
    expect(await operation(id)).toMatchObject({ status: 'PENDING' });
    expect(other.received.join()).not.toContain('key-1');
    await expect(other.client.subscribeAsync('s/us')).rejects.toThrow(/Subscribe error/);
    const closed = closeOf(other);
    other.client.publish('s/ds', '530,gw-1,evil,22,key');
    await closed;
    expect(gateway.received).toHaveLength(1);
  });

  it('allows one connection per device', async () => {
    await start();
    const first = await device('gw-1');
    const closed = closeOf(first);
    const second = await device('d:gw-1:templates', { username: 't1001/device_gw-1' });
    await closed;
    expect(second.client.connected).toBe(true);
  });

  describe('with TLS', () => {
    const authority = new CertificateAuthority();
    const stranger = new CertificateAuthority('Unknown CA');
    afterAll(() => {
      authority.remove();
      stranger.remove();
    });
    const PATH = '/tenant/tenants/t1001/trusted-certificates';
    const trust = (more: object = {}) =>
      admin().post(PATH, {
        certInPemFormat: authority.certificate,
        name: 'Factory',
        status: 'ENABLED',
        autoRegistrationEnabled: true,
        ...more,
      });
    const withCertificate = async (
      commonName: string,
      { by = authority, days = 2, serial = commonName } = {},
    ): Promise<Device> => {
      const { certificate, key } = by.issue({ commonName, days });
      const connected = await Device.connect(emulator.mqttsUrl!, serial, {
        ca: readFileSync(emulator.caPath!),
        cert: certificate,
        key,
        username: undefined,
        password: undefined,
      });
      devices.push(connected);
      return connected;
    };

    beforeEach(() => {
      // Certificates are issued during the test, and are not valid earlier.
      now = new Date(Date.now() + 60_000);
      return start({ mqtts: { port: 0, folder: folder.path } });
    });

    it('admits a device whose certificate its tenant trusts', async () => {
      expect((await trust()).status).toBe(201);
      const gateway = await (await withCertificate('gw-1')).listen('s/ds', 's/dat');
      await create('key-1');
      await gateway.receives(/^s\/ds 530,gw-1,/);
      await gateway.send('s/uat', '');
      await gateway.receives(/^s\/dat 71,/);
    });

    it('registers a new device with a trusted certificate', async () => {
      await trust();
      await (await withCertificate('cert-1')).send('s/us', '100,Certified');
      expect(emulator.store.tenant('t1001')!.accounts.get('device_cert-1')).toBeDefined();
    });

    it('security: refuses certificates that are untrusted, expired, or for another name', async () => {
      await expect(withCertificate('gw-1')).rejects.toMatchObject({ code: 5 });
      const { fingerprint } = (await trust({ autoRegistrationEnabled: false })).body;
      await expect(withCertificate('gw-1', { by: stranger })).rejects.toMatchObject({ code: 5 });
      await expect(withCertificate('gw-1', { days: -1 })).rejects.toMatchObject({ code: 5 });
      await expect(withCertificate('gw-1', { serial: 'gw-2' })).rejects.toMatchObject({ code: 5 });
      await expect(withCertificate('cert-2')).rejects.toMatchObject({ code: 5 });
      await admin().delete(`${PATH}/${fingerprint}`);
      await expect(withCertificate('gw-1')).rejects.toMatchObject({ code: 5 });
    });

    it('security: only administrators of the tenant decide which certificates it trusts', async () => {
      expect((await engineer().get(PATH)).status).toBe(403);
      const other = new RestClient(emulator.url, 't1002/admin');
      expect((await other.get(PATH)).status).toBe(403);
      const { certificate } = authority.issue({ commonName: 'no-ca' });
      expect((await trust({ certInPemFormat: certificate })).status).toBe(422);
    });
  });
});
