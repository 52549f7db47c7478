import type {
  Endpoint,
  EndpointBody,
  ServerMessage,
  ShownSettings,
} from '@remote-access/contracts';
import type { AuditRecord } from '@remote-access/contracts/platform';
import { startSshd, waitUntil, type Sshd } from '@remote-access/testkit';
import { GATEWAY, Stack } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

const CONFIGURATIONS = `/service/remoteaccess/devices/${GATEWAY}/configurations`;

let stack: Stack;
let sshd: Sshd;
let other: Sshd;

beforeAll(async () => {
  [stack, sshd, other] = await Promise.all([
    Stack.start(),
    startSshd({ hostKeyTypes: ['ed25519', 'ecdsa'] }),
    startSshd(),
  ]);
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await Promise.all([sshd.stop(), other.stop()]);
}, 15_000);

async function autosave(on: boolean): Promise<void> {
  const path = '/service/remoteaccess/settings';
  const settings = await stack.json<ShownSettings>(path, { user: 'admin' });
  const body = JSON.stringify({ ...settings, noticeId: undefined, hostKeyAutosave: on });
  await stack.json(path, { method: 'PUT', user: 'admin', body });
}

function addShell(change: Partial<EndpointBody> = {}): Promise<Endpoint> {
  return stack.addEndpoint({
    name: `Shell ${Math.random()}`,
    hostname: '127.0.0.1',
    port: sshd.port,
    protocol: 'SSH',
    credentialsType: 'KEY_PAIR',
    username: sshd.userName,
    privateKey: sshd.privateKey,
    ...change,
  });
}

async function pinned(id: string): Promise<string[]> {
  const endpoint = await stack.json<Endpoint>(`${CONFIGURATIONS}/${id}`);
  return endpoint.credentials.hostKey?.split('\n') ?? [];
}

async function audited(text: string, source = GATEWAY): Promise<AuditRecord[]> {
  const { auditRecords } = await stack.json<{ auditRecords: AuditRecord[] }>(
    `/audit/auditRecords?source=${source}&pageSize=1000`,
    { user: 'admin' },
  );
  return auditRecords.filter(record => record.text.includes(text));
}

/** The text of the audit record of the start of the client's session. */
async function startRecord(client: TerminalClient): Promise<string> {
  const { operationId } = (await client.message('status')) as { operationId: string };
  let text = '';
  await waitUntil('the start of the session is written down', async () => {
    text = (await audited('Connected to', operationId))[0]?.text ?? '';
    return text !== '';
  });
  return text;
}

async function leave(client: TerminalClient): Promise<void> {
  client.disconnect();
  await client.closed();
}

function savedKeys({ messages }: TerminalClient): ServerMessage[] {
  return messages.filter(message => message.type === 'host-key' && message.state === 'saved');
}

async function isToldThatKeyIsSaved(client: TerminalClient): Promise<void> {
  await waitUntil('the client is told', () => savedKeys(client).length > 0);
  expect(savedKeys(client)).toMatchObject([{ keyType: 'ssh-ed25519', question: false }]);
}

const end = (client: TerminalClient): ServerMessage | undefined =>
  client.messages.find(({ type }) => type === 'ended');

describe('when host keys are saved automatically', () => {
  beforeAll(() => autosave(true));
  afterAll(() => autosave(false));

  it('the keys that the server proves to hold are saved and audited after the first sign-in', async () => {
    const { id, name } = await addShell();
    const client = await stack.connectTerminal(id);
    await client.reaches('open');
    expect(await client.message('host-key')).toMatchObject({ state: 'new', question: false });
    await waitUntil('both keys are pinned', async () => (await pinned(id)).length === 2);
    expect(await pinned(id)).toEqual(sshd.hostKeys);
    await isToldThatKeyIsSaved(client);
    const records = await audited(name);
    expect(records.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/Host key ED25519 SHA256:\S+ saved after the first sign-in$/),
        expect.stringMatching(/that the server proved to have: ECDSA SHA256:\S+ added$/),
      ]),
    );
    expect(records.every(({ user }) => user === 'operator' || user === 'engineer')).toBe(true);
    await leave(client);

    const again = await stack.connectTerminal(id);
    expect(await again.message('host-key')).toMatchObject({ state: 'known' });
    await again.reaches('open');
    await leave(again);
  });

  it('a failed sign-in saves nothing', async () => {
    const { id } = await addShell({ privateKey: other.privateKey });
    const client = await stack.connectTerminal(id);
    await client.closed();
    expect(end(client)).toMatchObject({ code: 'sign-in-refused' });
    expect(await pinned(id)).toEqual([]);
  });

  it('two simultaneous first connections save the key once', async () => {
    const { id, name } = await addShell();
    const clients = await Promise.all([stack.connectTerminal(id), stack.connectTerminal(id)]);
    await Promise.all(clients.map(client => client.reaches('open')));
    await waitUntil('the keys are pinned', async () => (await pinned(id)).length === 2);
    await Promise.all(clients.map(leave));
    expect(await pinned(id)).toEqual(sshd.hostKeys);
    const saved = await audited('saved after the first sign-in');
    expect(saved.filter(({ text }) => text.includes(name))).toHaveLength(1);
  });

  it('a raw client saves the key too', async () => {
    const { id } = await addShell();
    const socket = await stack.connectRaw(id);
    await waitUntil('the keys are pinned', async () => (await pinned(id)).length === 2);
    socket.terminate();
  });

  it('revoked keys stay revoked, whether the server holds them or not', async () => {
    const [ed25519, ecdsa] = sshd.hostKeys as [string, string];
    const revoked = [`@revoked ${other.hostKeys[0]!}`, `@revoked ${ecdsa}`];
    const { id } = await addShell({ hostKey: revoked.join('\n') });
    const client = await stack.connectTerminal(id);
    await client.reaches('open');
    await isToldThatKeyIsSaved(client);
    expect(await pinned(id)).toEqual([ed25519, ...revoked]);
    await leave(client);
    // The key is pinned now, and the server proves to have the revoked one again.
    const again = await stack.connectTerminal(id);
    await again.reaches('open');
    await leave(again);
    expect(await pinned(id)).toEqual([ed25519, ...revoked]);
  });

  it('a pinned key that the server no longer holds is replaced by the keys that it holds', async () => {
    const [ed25519, ecdsa] = sshd.hostKeys as [string, string];
    const { id, name } = await addShell({ hostKey: `${ecdsa}\n${other.hostKeys[0]!}` });
    const client = await stack.connectTerminal(id);
    await client.reaches('open');
    await waitUntil('the keys are those of the server', async () => {
      const keys = await pinned(id);
      return keys.length === 2 && keys.includes(ed25519) && keys.includes(ecdsa);
    });
    await leave(client);
    const texts = (await audited(name)).map(({ text }) => text);
    expect(texts).toContainEqual(
      expect.stringMatching(/SHA256:\S+ added, ED25519 SHA256:\S+ removed$/),
    );
  });
});

describe('when host keys are not saved automatically', () => {
  it('the user is asked, and shown what is needed to compare the key', async () => {
    const { id } = await addShell();
    const client = await stack.connectTerminal(id);
    expect(await client.message('host-key')).toMatchObject({
      keyType: 'ssh-ed25519',
      state: 'new',
      question: true,
      sha256: expect.stringMatching(/^SHA256:/) as string,
      md5: expect.stringMatching(/^MD5:/) as string,
      randomart: expect.stringContaining('[ED25519 256]') as string,
    });
    client.send({ type: 'host-key-answer', answer: 'once' });
    await client.reaches('open');
    expect(await startRecord(client)).toContain('host key accepted by the user');
    expect(await pinned(id)).toEqual([]);
    await leave(client);
  });

  it('a user who may configure endpoints saves the key and is not asked again', async () => {
    const revoked = `@revoked ${other.hostKeys[0]!}`;
    const { id, name } = await addShell({ hostKey: revoked });
    const client = await stack.connectTerminal(id, 'engineer');
    await client.message('host-key');
    client.send({ type: 'host-key-answer', answer: 'save' });
    await client.reaches('open');
    await isToldThatKeyIsSaved(client);
    expect(await startRecord(client)).toContain('host key accepted by the user');
    expect(await pinned(id)).toEqual([sshd.hostKeys[0], revoked]);
    const [record] = (await audited(name)).filter(({ text }) => text.includes('Host key'));
    expect(record).toMatchObject({
      user: 'engineer',
      text: expect.stringContaining('saved as the user accepted it') as string,
    });
    await leave(client);
    const again = await stack.connectTerminal(id);
    expect(await again.message('host-key')).toMatchObject({ state: 'known', question: false });
    await again.reaches('open');
    await leave(again);
  });

  it('a user who may not configure endpoints connects once and is told that nothing was saved', async () => {
    const { id } = await addShell();
    const client = await stack.connectTerminal(id, 'operator');
    await client.message('host-key');
    client.send({ type: 'host-key-answer', answer: 'save' });
    await client.reads('The host key was not saved. You need the permission');
    expect(await pinned(id)).toEqual([]);
    expect(savedKeys(client)).toEqual([]);
    await leave(client);
  });

  it('no sign-in is attempted on a server whose key the user rejects', async () => {
    const attempts = (): number =>
      sshd.log().match(/userauth-request|Accepted|Failed/g)?.length ?? 0;
    const before = attempts();
    const { id } = await addShell();
    const client = await stack.connectTerminal(id);
    await client.message('host-key');
    client.send({ type: 'host-key-answer', answer: 'abort' });
    await client.closed();
    expect(end(client)).toMatchObject({ by: 'client', code: 'host-key-rejected' });
    expect(client.closeCode).toBe(4424);
    expect(attempts()).toBe(before);
  });

  it('a raw client connects, and the audit log says that the key was not verified', async () => {
    const { id, name } = await addShell();
    const socket = await stack.connectRaw(id);
    const operations = await stack.json<{ operations: { id: string }[] }>(
      `/devicecontrol/operations?deviceId=${GATEWAY}&pageSize=1000&revert=true`,
    );
    await waitUntil('the start of the session is written down', async () => {
      const texts = await Promise.all(
        operations.operations.map(operation => audited(name, operation.id)),
      );
      return texts.flat().some(({ text }) => text.includes('host key not verified'));
    });
    expect(await pinned(id)).toEqual([]);
    socket.terminate();
  });

  it('other keys that the server proves to hold are not saved', async () => {
    const { id } = await addShell({ hostKey: sshd.hostKeys[0]! });
    const client = await stack.connectTerminal(id);
    await client.reaches('open');
    client.type("printf 'DO''NE'\n");
    await client.reads('DONE');
    await leave(client);
    expect(await pinned(id)).toEqual([sshd.hostKeys[0]]);
  });

  it('a key other than the pinned one is reported with the expected key and what to do', async () => {
    const { id } = await addShell({ hostKey: other.hostKeys[0]! });
    const client = await stack.connectTerminal(id);
    await client.closed();
    const error = client.messages.find(({ type }) => type === 'error');
    expect(error).toMatchObject({
      code: 'host-key-mismatch',
      text: expect.stringMatching(
        /^Could not connect to endpoint Shell \S+\. Could not verify `ssh-ed25519` host key with fingerprint `SHA256:\S+` for `127\.0\.0\.1` on port \d+\. If you expected that key, please remove the previous one from configuration to allow for connection\.$/,
      ) as string,
      hint: expect.stringMatching(
        /^Expected SHA256:\S+ \(ED25519\), but the server presented SHA256:/,
      ) as string,
    });
  });
});
