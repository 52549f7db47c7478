import { once } from 'node:events';
import type { AuditRecord } from '@remote-access/contracts/platform';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { RawDevice, Received } from '../fixtures/raw-device';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { basic, Stack } from '../fixtures/stack';

const SERVICE = '/service/remoteaccess';
const PLC = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

let stack: Stack;
let path: string;
beforeEach(async () => {
  stack = await Stack.start({ agent: false });
  path = stack.clientPath((await stack.addEndpoint(PLC, '1002')).id, '1002');
});
afterEach(() => stack.stop());

async function records(activity: string): Promise<AuditRecord[]> {
  const { auditRecords } = await stack.json<{ auditRecords: AuditRecord[] }>(
    '/audit/auditRecords?pageSize=1000&revert=true',
    { user: 'admin' },
  );
  return auditRecords.filter(record => record.activity === activity);
}

async function recorded(activity: string, count: number): Promise<AuditRecord[]> {
  await waitUntil(`${count} records "${activity}"`, async () => {
    return (await records(activity)).length >= count;
  });
  return records(activity);
}

async function upgrade(user: string, to = path): Promise<number> {
  const answer = await rawUpgrade(stack.emulator.url, to, { Authorization: basic(user) });
  answer.socket.destroy();
  return answer.status;
}

describe('the audit log', () => {
  it('records who was refused a connection, by WebSocket and by ticket', async () => {
    expect(await upgrade('viewer')).toBe(403);
    const ticket = await stack.fetch(`${path}/tickets`, { method: 'POST', user: 'viewer' });
    expect(ticket.status).toBe(403);
    const found = await recorded('Remote access refused', 2);
    expect(found).toHaveLength(2);
    for (const { user, text } of found) {
      expect(user).toBe('viewer');
      expect(text).toMatch(/^Connection to endpoint 1 of device 1002 refused \(forbidden: /);
    }
  });

  it('records attempts on endpoints and gateways that do not exist', async () => {
    expect(await upgrade('operator', stack.clientPath('99', '1002'))).toBe(404);
    expect(await upgrade('operator', stack.clientPath('1', '4711'))).toBe(404);
    const texts = (await recorded('Remote access refused', 2)).map(({ text }) => text);
    expect(texts.sort()).toEqual([
      expect.stringMatching(/endpoint 1 of device 4711 refused \(device-not-found/),
      expect.stringMatching(/endpoint 99 of device 1002 refused \(endpoint-not-found/),
    ]);
  });

  it('is not filled by a user who keeps trying', async () => {
    for (let attempt = 0; attempt < 25; attempt += 1) await upgrade('viewer');
    await upgrade('operator', stack.clientPath('99', '1002'));
    const found = await recorded('Remote access refused', 11);
    expect(found.filter(({ user }) => user === 'viewer')).toHaveLength(10);
    expect(found.filter(({ user }) => user === 'operator')).toHaveLength(1);
  });

  it('records no refusal under a user name whose password was wrong', async () => {
    expect(await upgrade('viewer:wrong')).toBe(401);
    await upgrade('viewer');
    expect(await recorded('Remote access refused', 1)).toHaveLength(1);
  });

  it('records exports and generated keys, without the private key', async () => {
    expect((await stack.fetch(`${SERVICE}/configurations/export?format=csv`)).status).toBe(200);
    const [exported] = await recorded('Remote access endpoints exported', 1);
    expect(exported).toMatchObject({
      user: 'engineer',
      text: '1 endpoints of 1 gateways exported as csv, without secrets',
    });
    const pair = await stack.json<{ publicKey: string; privateKey: string }>(
      `${SERVICE}/keypair/generate`,
      { method: 'POST', body: JSON.stringify({ hostname: '10.0.0.5' }) },
    );
    const [generated] = await recorded('Remote access key pair generated', 1);
    expect(generated).toMatchObject({
      user: 'engineer',
      text: expect.stringMatching(/^Key pair \S+ SHA256:[\w+/]{43} generated/),
    });
    expect(JSON.stringify(generated)).not.toContain(pair.privateKey.slice(60, 100));
  });
});

describe('while the audit log cannot be written', () => {
  beforeEach(() => {
    const { accounts } = stack.emulator.store.tenant('t1001')!;
    const service = accounts.get('service_cloud-remote-access')!;
    accounts.put({ ...service, roles: service.roles.filter(role => !role.includes('AUDIT')) });
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => jest.restoreAllMocks());

  async function connect(): Promise<{ client: WebSocket; atClient: Received; atDevice: Received }> {
    const client = new WebSocket(stack.webSocketUrl(path), {
      headers: { authorization: basic('operator') },
    });
    const atClient = new Received(client);
    client.on('error', () => undefined);
    await once(client, 'open');
    client.send(Buffer.from('hello'));
    const { received } = await new RawDevice(stack).serve();
    return { client, atClient, atDevice: received };
  }

  it('no session opens, and nothing that the user sent reaches the machine', async () => {
    const { atClient, atDevice } = await connect();
    await atClient.closed();
    await atDevice.closed();
    expect([atClient.code, atClient.reason]).toEqual([
      4503,
      expect.stringContaining('cannot be recorded in the audit log'),
    ]);
    expect(atDevice.bytes.length).toBe(0);
  });

  it('sessions open nonetheless if the tenant says so', async () => {
    const category = 'remoteaccess';
    const key = 'remoteaccess.audit.required';
    const { options } = stack.emulator.store.tenant('t1001')!;
    options.put({ id: `${category}/${key}`, category, key, value: 'false' });
    await stack.restartMicroservice();
    const { client, atClient, atDevice } = await connect();
    expect((await atDevice.has(5)).toString()).toBe('hello');
    client.close();
    await atClient.closed();
  });
});
