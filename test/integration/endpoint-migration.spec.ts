import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { FRAGMENTS, OPTION_CATEGORY, OPTION_KEYS } from '@remote-access/contracts/platform';
import type { Emulator } from '@remote-access/emulator';
import { tcpTarget, type TcpTarget, waitUntil } from '@remote-access/testkit';
import { type AuthContext, Server, utils } from 'ssh2';
import { GatewayEndpoints } from '../fixtures/gateway-endpoints';
import { RawDevice } from '../fixtures/raw-device';
import { Stack, withoutOptionRights } from '../fixtures/stack';

/**
 * What a version without authenticated entries stored on a gateway, with the tenant's key material
 * and the private key of the server whose key two of the endpoints pin; all created for this test.
 */
interface OldState {
  readonly keyMaterial: { readonly password: string; readonly salt: string };
  readonly hostKey: string;
  readonly fragments: Record<string, unknown>;
}

const OLD = JSON.parse(
  readFileSync(join(__dirname, '../fixtures/endpoints-before-authentication.json'), 'utf8'),
) as OldState;

const OLD_LIST = OLD.fragments[FRAGMENTS.list] as Record<string, any>[];

const DEVICE = '1002';
const OPTION = `${OPTION_CATEGORY}/${OPTION_KEYS.endpointsAuthenticated}`;

let stack: Stack;
afterEach(() => stack.stop());

const endpoints = new GatewayEndpoints(() => stack, DEVICE);

function setMaterial(emulator: Emulator): void {
  const { options } = emulator.store.tenant('t1001')!;
  const { password, salt } = OLD.keyMaterial;
  const values = [
    [OPTION_KEYS.sealingPassword, password],
    [OPTION_KEYS.sealingSalt, salt],
  ] as const;
  for (const [key, value] of values) {
    options.put({ id: `${OPTION_CATEGORY}/${key}`, category: OPTION_CATEGORY, key, value });
  }
}

function putOldState(emulator: Emulator): void {
  const { managedObjects } = emulator.store.tenant('t1001')!;
  setMaterial(emulator);
  managedObjects.put({ ...managedObjects.get(DEVICE)!, ...structuredClone(OLD.fragments) });
}

const option = (): string | undefined =>
  stack.emulator.store.tenant('t1001')!.options.get(OPTION)?.value;

const migrated = (): Promise<void> =>
  waitUntil('the entries are authenticated', () => option() === 'v1');

async function audited(): Promise<string[]> {
  const { auditRecords } = await stack.json<{ auditRecords: { activity: string; text: string }[] }>(
    `/audit/auditRecords?source=${DEVICE}&pageSize=100`,
    { user: 'admin' },
  );
  return auditRecords
    .filter(({ activity }) => activity === 'Remote access endpoint authenticated')
    .map(({ text }) => text);
}

async function ticketStatuses(): Promise<number[]> {
  const ids = OLD_LIST.map(({ id }) => String(id));
  const tickets = ids.map(id =>
    endpoints.call('POST', `${stack.clientPath(id, DEVICE)}/tickets`, {}, 'operator'),
  );
  return [...new Set((await Promise.all(tickets)).map(({ status }) => status))];
}

/** Signs in with an entry's credentials to a server that has the pinned key. */
async function signIn(name: string): Promise<string> {
  const signIns: string[] = [];
  const server = new Server({ hostKeys: [OLD.hostKey] }, client => {
    client.on('error', () => undefined);
    client.on('authentication', context => {
      if (context.method === 'none') return context.reject(['password', 'publickey']);
      const used = usedBy(context);
      if (used !== undefined) signIns.push(used);
      context.accept();
    });
    client.on('session', accept => {
      const session = accept();
      session.on('pty', acceptPty => acceptPty());
      session.on('shell', acceptShell => acceptShell());
    });
  });
  const target: TcpTarget = await tcpTarget(socket => server.injectSocket(socket));
  const { id } = OLD_LIST.find(entry => entry['name'] === name)!;
  const path = stack.clientPath(String(id), DEVICE);
  const opening = stack.connectRaw(String(id), 'operator', DEVICE);
  const { socket, received } = await new RawDevice(stack).serve();
  const far = connect(target.port, '127.0.0.1');
  far.write(received.bytes);
  socket.on('message', (data: Buffer) => far.write(data));
  far.on('data', data => socket.send(data));
  const client = await opening;
  await waitUntil(`a sign-in at ${path}`, () => signIns.length > 0);
  client.terminate();
  await received.closed();
  far.destroy();
  await target.stop();
  return signIns.at(-1)!;
}

function usedBy(context: AuthContext): string | undefined {
  if (context.method === 'password') return `${context.username} ${context.password}`;
  if (context.method !== 'publickey' || !context.signature || !context.blob) return undefined;
  const { algo, data } = context.key;
  const key = utils.parseKey(`${algo} ${data.toString('base64')}`);
  if (key instanceof Error) throw key;
  const one = Array.isArray(key) ? key[0]! : key;
  const isVerified = one.verify(context.blob, context.signature, context.hashAlgo);
  return `${context.username} ${algo} ${String(isVerified)}`;
}

it('migrates what an older version stored, and refuses that form from then on', async () => {
  stack = await Stack.start({ agent: false, prepare: putOldState });
  await migrated();
  const stored = (await endpoints.stored()) as unknown as Record<string, any>[];
  expect(stored.map(({ id, name }) => [id, name])).toEqual(
    OLD_LIST.map(({ id, name }) => [id, name]),
  );
  for (const [index, entry] of stored.entries()) {
    const { mac, credentials, ...rest } = entry;
    const { credentials: before, ...others } = OLD_LIST[index]!;
    expect(mac).toMatch(/^v1\./);
    // Its user name and password were sent in clear text, and still may be.
    const isUnencrypted = others['name'] === 'VNC with user and password';
    expect(rest).toEqual({ ...others, ...(isUnencrypted ? { allowUnencryptedSignIn: true } : {}) });
    for (const field of ['password', 'privateKey']) {
      const isSet = before[field] !== null;
      if (isSet) expect(credentials[field]).toMatch(/^\{cipher\}v2\./);
      expect({ ...credentials, [field]: null }).toMatchObject({ type: before.type });
    }
  }
  const texts = await audited();
  expect(texts).toHaveLength(OLD_LIST.length);
  expect(texts).toContainEqual(
    expect.stringMatching(
      /^Endpoint "SSH with password and pin" \(SSH 10\.0\.0\.5:22, USER_PASS, user root, host key ED25519 SHA256:\S+\) taken over as it stood$/,
    ),
  );
  expect(texts.filter(text => text.includes('unencrypted sign-in allowed'))).toEqual([
    expect.stringMatching(/^Endpoint "VNC with user and password" /),
  ]);
  for (const shown of (await endpoints.call('GET', endpoints.list)).body) {
    expect(shown).not.toHaveProperty('changed');
    expect(shown).not.toHaveProperty('unreadable');
  }
  expect(await ticketStatuses()).toEqual([201]);
  expect(await signIn('SSH with password')).toBe('root correct horse');
  expect(await signIn('SSH with password and pin')).toBe('root correct horse');
  expect(await signIn('SSH with key pair and pin')).toBe('root ssh-ed25519 true');

  await endpoints.writeDirectly(OLD.fragments);
  expect(await ticketStatuses()).toEqual([409]);
  await stack.restartMicroservice();
  expect(await ticketStatuses()).toEqual([409]);
  const [first] = (await endpoints.call('GET', endpoints.list)).body;
  const confirm = `${endpoints.list}/${first.id}/confirm`;
  expect(await endpoints.call('POST', confirm, { seen: first.changed.seen })).toMatchObject({
    status: 422,
  });
  expect(await endpoints.stored()).toEqual(OLD_LIST);
}, 30_000);

it('continues where it was interrupted, and migrates nothing twice', async () => {
  stack = await Stack.start({ agent: false, prepare: putOldState });
  await migrated();
  const authenticated = (await endpoints.stored()) as unknown as Record<string, any>[];
  // As if the service had been killed before the rest and the option were written.
  const half = [...authenticated.slice(0, 4), ...OLD_LIST.slice(4)];
  await endpoints.writeDirectly({ [FRAGMENTS.list]: half });
  stack.emulator.store.tenant('t1001')!.options.delete(OPTION);
  await stack.restartMicroservice();
  await migrated();
  expect(await ticketStatuses()).toEqual([201]);
  expect((await endpoints.stored()).slice(0, 4)).toEqual(authenticated.slice(0, 4));
  expect(await audited()).toHaveLength(OLD_LIST.length * 2 - 4);
}, 30_000);

it('does not migrate an entry whose code is wrong or whose secret belongs elsewhere', async () => {
  const [withPassword, , withKey] = OLD_LIST;
  const list = [
    { ...withPassword, hostname: 'evil.example' },
    { ...withKey, mac: 'v1.00000000.AAAA' },
  ];
  stack = await Stack.start({
    agent: false,
    prepare: emulator => {
      setMaterial(emulator);
      const { managedObjects } = emulator.store.tenant('t1001')!;
      managedObjects.put({ ...managedObjects.get(DEVICE)!, [FRAGMENTS.list]: list });
    },
  });
  await migrated();
  expect(await endpoints.stored()).toEqual(list);
  expect(await audited()).toEqual([
    expect.stringMatching(/not taken over: its stored secret does not belong to it$/),
  ]);
  for (const shown of (await endpoints.call('GET', endpoints.list)).body) {
    expect(shown).toMatchObject({ changed: { seen: expect.any(String) } });
  }
});

it('leaves the entries of a tenant without key material as they are', async () => {
  stack = await Stack.start({
    agent: false,
    prepare: emulator => {
      withoutOptionRights(emulator);
      const { managedObjects } = emulator.store.tenant('t1001')!;
      managedObjects.put({ ...managedObjects.get(DEVICE)!, ...structuredClone(OLD.fragments) });
    },
  });
  expect(await ticketStatuses()).toEqual([201]);
  const telnet = { name: 'New', hostname: 'plc.local', port: 23, protocol: 'TELNET' };
  const { id } = await endpoints.create(telnet);
  expect((await endpoints.call('PATCH', `${endpoints.list}/${id}`, { port: 24 })).status).toBe(200);
  expect(await audited()).toEqual([]);
  expect(option()).toBeUndefined();
});
