import type { ChangedEndpoints, ConfirmReport, Endpoint } from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { ed25519KeyPair } from '@remote-access/testkit';
import {
  GatewayEndpoints,
  SSH_ENDPOINT as SSH,
  TELNET_ENDPOINT as TELNET,
} from '../fixtures/gateway-endpoints';
import { Stack } from '../fixtures/stack';

const TENANT = '/service/remoteaccess/configurations';

const HOST_KEY = ed25519KeyPair().public.split(' ').slice(0, 2).join(' ');
const KEY_PAIR = {
  ...SSH,
  credentialsType: 'KEY_PAIR',
  password: undefined,
  privateKey: ed25519KeyPair().private,
};

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

const endpoints = new GatewayEndpoints(() => stack, '1002');
const others = new GatewayEndpoints(() => stack, '1001');

type Raw = Record<string, any>;

async function rewrite(change: (entry: Raw) => Raw, group = endpoints): Promise<void> {
  const list = (await group.stored()) as unknown as Raw[];
  await group.writeDirectly({ [FRAGMENTS.list]: list.map(change) });
}

async function seenOf(id: string): Promise<string> {
  const { body } = await endpoints.call('GET', `${endpoints.list}/${id}`);
  return body.changed.seen as string;
}

const confirm = (id: string, body: object, user = 'engineer') =>
  endpoints.call('POST', `${endpoints.list}/${id}/confirm`, body, user);

async function audited(): Promise<string[]> {
  const { auditRecords } = await stack.json<{ auditRecords: { activity: string; text: string }[] }>(
    '/audit/auditRecords?source=1002&pageSize=100',
  );
  return auditRecords
    .filter(({ activity }) => activity === 'Remote access endpoint confirmed')
    .map(({ text }) => text);
}

describe('confirming an endpoint', () => {
  it('accepts exactly what is shown, with the password entered again, and is audited', async () => {
    const { id } = await endpoints.create(SSH);
    await rewrite(entry => ({
      ...entry,
      port: 2222,
      credentials: { ...entry['credentials'], hostKey: HOST_KEY },
    }));
    const seen = await seenOf(id);
    const without = await confirm(id, { seen });
    expect(without).toMatchObject({
      status: 422,
      body: {
        error: 'remoteaccess/invalid-endpoint',
        message: expect.stringMatching(/^Enter the password again: the stored one does not belong/),
      },
    });
    const { status, body } = await confirm(id, { seen, password: 'new horse' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, port: 2222, credentials: { hostKey: HOST_KEY } });
    expect(body).not.toHaveProperty('changed');
    expect(await audited()).toEqual([
      expect.stringMatching(
        /^Endpoint "Shell" \(SSH 10\.0\.0\.5:2222, USER_PASS, user root, host key ED25519 SHA256:\S+\) confirmed after it had been changed outside Remote access; secrets set: password$/,
      ),
    ]);
    const { body: shown } = await endpoints.call('GET', `${endpoints.list}/${id}`);
    expect(shown).not.toHaveProperty('changed');
    expect(shown).not.toHaveProperty('unreadable');
  });

  it('is refused if the entry has changed since it was seen', async () => {
    const { id } = await endpoints.create(TELNET);
    await rewrite(entry => ({ ...entry, port: 2323 }));
    const seen = await seenOf(id);
    await rewrite(entry => ({ ...entry, hostname: 'evil.example' }));
    const before = await endpoints.stored();
    expect(await confirm(id, { seen })).toMatchObject({
      status: 409,
      body: { error: 'remoteaccess/conflict' },
    });
    expect(await endpoints.stored()).toEqual(before);
  });

  it('keeps a private key, which never leaves the service', async () => {
    const { id } = await endpoints.create(KEY_PAIR);
    const sealed = (await endpoints.stored())[0]!.credentials.privateKey;
    await rewrite(entry => ({ ...entry, hostname: '10.0.0.6' }));
    expect(await confirm(id, { seen: await seenOf(id) })).toMatchObject({ status: 200 });
    expect((await endpoints.stored())[0]!.credentials.privateKey).toBe(sealed);
  });

  it('keeps the password if nothing but the code was lost', async () => {
    const { id } = await endpoints.create(SSH);
    await rewrite(({ mac: _mac, ...entry }) => entry);
    expect(await confirm(id, { seen: await seenOf(id) })).toMatchObject({ status: 200 });
  });

  it('is refused for a private key that belongs to another endpoint', async () => {
    const one = await endpoints.create(KEY_PAIR);
    const two = await endpoints.create({ ...KEY_PAIR, name: 'Two' });
    const [{ credentials }] = (await endpoints.stored()) as [Endpoint];
    await rewrite(entry => (entry['id'] === two.id ? { ...entry, credentials } : entry));
    expect(await confirm(two.id, { seen: await seenOf(two.id) })).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/^Enter the private key again/) },
    });
    expect(await endpoints.call('GET', `${endpoints.list}/${one.id}`)).not.toHaveProperty(
      'body.changed',
    );
  });

  it('is refused for a damaged entry, and changes nothing of an authentic one', async () => {
    const { id } = await endpoints.create(TELNET);
    await rewrite(entry => ({ ...entry, port: 0 }));
    expect(await confirm(id, { seen: await seenOf(id) })).toMatchObject({ status: 422 });
    await endpoints.call('PUT', `${endpoints.list}/${id}`, TELNET);
    const before = await endpoints.stored();
    expect(await confirm(id, { seen: 'other' })).toMatchObject({ status: 409 });
    expect(await endpoints.stored()).toEqual(before);
  });

  it('by two engineers at the same time is one confirmation', async () => {
    const { id } = await endpoints.create(TELNET);
    await rewrite(entry => ({ ...entry, port: 2323 }));
    const seen = await seenOf(id);
    const answers = await Promise.all([confirm(id, { seen }), confirm(id, { seen }, 'admin')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await audited()).toHaveLength(1);
  });
});

const ODD_IDS = ['', '.', '..', '../..', '1002?x', '1002/childDevices', '\ud800', '\u0000'];

describe('a fleet whose endpoints a script writes', () => {
  it('is listed and confirmed at once, each gateway with its own permissions', async () => {
    for (const group of [endpoints, others]) {
      await group.create(TELNET);
      await group.create({ ...SSH, name: 'Shell' });
      await rewrite(entry => ({ ...entry, hostname: '10.9.9.9' }), group);
    }
    const listed = await endpoints.call('GET', `${TENANT}/changed`, undefined, 'operator');
    const { complete, endpoints: changed } = listed.body as ChangedEndpoints;
    expect(complete).toBe(true);
    expect(changed.map(({ deviceId, name }) => [deviceId, name]).sort()).toEqual([
      ['1001', 'Console'],
      ['1001', 'Shell'],
      ['1002', 'Console'],
      ['1002', 'Shell'],
    ]);
    expect(
      (await endpoints.call('GET', `${TENANT}/changed`, undefined, 't1002/admin')).body,
    ).toEqual({ complete: true, endpoints: [] });
    const references = changed.map(({ deviceId, id, seen }) => ({ deviceId, id, seen }));
    const foreign = await endpoints.call(
      'POST',
      `${TENANT}/confirm`,
      { endpoints: references },
      't1002/admin',
    );
    expect(foreign.body).toMatchObject({ confirmed: 0, refused: 4 });
    const given = [
      ...references,
      { deviceId: '4711', id: '1', seen: 'x' },
      { deviceId: '1002', id: '77', seen: 'x' },
      // Ids that would lead to other addresses of the platform, or cannot be part of an address.
      ...ODD_IDS.map(deviceId => ({ deviceId, id: '1', seen: 'x' })),
    ];
    const { body } = await endpoints.call('POST', `${TENANT}/confirm`, { endpoints: given });
    const { lines, ...counts } = body as ConfirmReport;
    expect(counts).toEqual({ confirmed: 2, refused: 4 + ODD_IDS.length });
    expect(lines.map(({ outcome, code }) => code ?? outcome)).toEqual([
      ...changed.map(({ name }) => (name === 'Shell' ? 'invalid-endpoint' : 'confirmed')),
      'device-not-found',
      'endpoint-not-found',
      ...ODD_IDS.map(() => 'device-not-found'),
    ]);
    const left = await endpoints.call('GET', `${TENANT}/changed`);
    expect(left.body.endpoints.map(({ name }: { name: string }) => name)).toEqual([
      'Shell',
      'Shell',
    ]);
  });

  it('confirms at most 1000 endpoints in a request', async () => {
    const many = Array.from({ length: 1_001 }, () => ({ deviceId: '1002', id: '1', seen: 'x' }));
    expect(await endpoints.call('POST', `${TENANT}/confirm`, { endpoints: many })).toMatchObject({
      status: 413,
    });
  });
});

describe('a change through the API', () => {
  it('that keeps the password does not say in the audit log that it was changed', async () => {
    const { id } = await endpoints.create(SSH);
    const sealed = (await endpoints.stored())[0]!.credentials.password;
    await endpoints.call('PATCH', `${endpoints.list}/${id}`, { username: 'admin' });
    expect((await endpoints.stored())[0]!.credentials.password).not.toBe(sealed);
    const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
      '/audit/auditRecords?source=1002&pageSize=100',
    );
    expect(auditRecords.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/ changed; changed: username$/),
    );
  });

  it('that weakens an endpoint is named in the audit log, even if nothing is asked', async () => {
    const { id } = await endpoints.create({ ...KEY_PAIR, hostKey: HOST_KEY });
    const change = { hostKey: null, legacyAlgorithms: true };
    expect(await endpoints.call('PATCH', `${endpoints.list}/${id}`, change)).toMatchObject({
      status: 200,
    });
    const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
      '/audit/auditRecords?source=1002&pageSize=100',
    );
    expect(auditRecords.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(
        /; this weakens its protection: the host key is removed, weak algorithms are allowed$/,
      ),
    );
  });
});
