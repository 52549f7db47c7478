import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startAgent, type Agent, type AgentSettings } from '@remote-access/agent';
import { Secret } from '@remote-access/settings';
import { temporaryFolder, waitUntil, type TemporaryFolder } from '@remote-access/testkit';
import { PASSWORD, Stack } from '../fixtures/stack';

// A device asks every five seconds whether it was accepted.
jest.setTimeout(60_000);

const REQUESTS = '/devicecontrol/newDeviceRequests';

describe.each(['rest', 'mqtt'] as const)('a new device, over %s', transport => {
  let stack: Stack;
  let folder: TemporaryFolder;
  let agent: Agent | undefined;
  let logged: string[];
  let stopping: AbortController;

  beforeEach(async () => {
    stack = await Stack.start({ agent: false, agentSettings: { transport } });
    folder = temporaryFolder('registration');
    logged = [];
    stopping = new AbortController();
    await stack.json(REQUESTS, { method: 'POST', body: JSON.stringify({ id: 'fresh' }) });
  });
  afterEach(async () => {
    stopping.abort();
    await agent?.stop();
    agent = undefined;
    await stack.stop();
    folder.remove();
  });

  const credentialsFile = (): string => join(folder.path, 'credentials.toml');
  const start = async (registration: object = {}): Promise<void> => {
    const { url, mqttUrl } = stack.emulator;
    const settings: AgentSettings = {
      baseUrl: url,
      externalId: 'fresh',
      deviceName: 'Press 7',
      transport,
      ...(mqttUrl !== undefined && { mqttUrl }),
      registration: {
        user: 'management/devicebootstrap',
        password: new Secret(PASSWORD),
        credentialsFile: credentialsFile(),
        ...registration,
      },
    };
    const log = (event: string, fields?: object): void =>
      void logged.push(`${event} ${JSON.stringify(fields)}`);
    agent = await startAgent(settings, { log, signal: stopping.signal });
  };
  const status = async (): Promise<string> =>
    (await stack.json<{ status: string }>(`${REQUESTS}/fresh`)).status;
  const accept = (): Promise<unknown> =>
    stack.json(`${REQUESTS}/fresh`, {
      method: 'PUT',
      body: JSON.stringify({ status: 'ACCEPTED' }),
    });
  const isWaiting = (): Promise<void> =>
    waitUntil('it waits to be accepted', async () => (await status()) === 'PENDING_ACCEPTANCE');

  it('gets its credentials once it is accepted, stores them, and exists on the platform', async () => {
    const starting = start();
    await isWaiting();
    await accept();
    await starting;
    const { managedObject } = await stack.json<{ managedObject: { id: string } }>(
      '/identity/externalIds/c8y_Serial/fresh',
      { user: 'admin' },
    );
    const device = await stack.json(`/inventory/managedObjects/${managedObject.id}`, {
      user: 'admin',
    });
    expect(device).toMatchObject({
      name: 'Press 7',
      c8y_SupportedOperations: ['c8y_RemoteAccessConnect'],
    });
    expect(statSync(credentialsFile()).mode & 0o777).toBe(0o600);
    const stored = readFileSync(credentialsFile(), 'utf8');
    expect(stored).toContain('t1001/device_fresh');
    const [, password = ''] = /password = "(.*)"/.exec(stored)!;
    expect(password).not.toBe('');
    // Neither the device's password nor that of the bootstrap user is in the log.
    for (const secret of [password, PASSWORD]) expect(logged.join('\n')).not.toContain(secret);
  });

  it('says why it is refused, and keeps asking', async () => {
    const starting = start({ password: new Secret('wrong') });
    await waitUntil('it was refused twice', () => {
      return logged.filter(line => line.startsWith('registration failed')).length === 2;
    });
    expect(logged.join('\n')).toMatch(/401|refused the user name and password/);
    expect(await status()).toBe('WAITING_FOR_CONNECTION');
    stopping.abort();
    await starting;
  }, 60_000);

  it('asks for no credentials that it could not store: the platform issues them only once', async () => {
    await expect(
      start({ credentialsFile: join(folder.path, 'missing', 'credentials.toml') }),
    ).rejects.toThrow(/missing\/credentials\.toml cannot be written: ENOENT/);
    expect(await status()).toBe('WAITING_FOR_CONNECTION');
  });
});
