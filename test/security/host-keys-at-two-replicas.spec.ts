import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { startAgent, type Agent } from '@remote-access/agent';
import type { Endpoint, EndpointBody, ShownSettings } from '@remote-access/contracts';
import type { AuditRecord } from '@remote-access/contracts/platform';
import { startSshd, temporaryFolder, waitUntil, type Sshd } from '@remote-access/testkit';
import { type Replica, Replicas } from '../fixtures/replicas';
import { GATEWAY, PASSWORD } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

const CONFIGURATIONS = `/devices/${GATEWAY}/configurations`;
const ROUNDS = 3;

const folder = temporaryFolder('host-keys');
let replicas: Replicas;
let one: Replica;
let two: Replica;
let agent: Agent;
let sshd: Sshd;
/** A server with another host key, to which the same user can sign in. */
let impostor: Sshd;

beforeAll(async () => {
  [replicas, sshd] = await Promise.all([Replicas.start(2), startSshd()]);
  [one, two] = [replicas.services[0]!, replicas.services[1]!];
  const authorized = join(folder.path, 'authorized_keys');
  writeFileSync(authorized, `${sshd.publicKey}\n`);
  impostor = await startSshd({ config: [`AuthorizedKeysFile ${authorized}`] });
  agent = await startAgent(
    {
      baseUrl: replicas.emulator.url,
      user: 't1001/device_gw-1',
      password: PASSWORD,
      externalId: 'gw-1',
    },
    { log: () => undefined },
  );
  const settings = await one.json<ShownSettings>('/settings', { user: 'admin' });
  const body = JSON.stringify({ ...settings, noticeId: undefined, hostKeyAutosave: true });
  await one.json('/settings', { method: 'PUT', user: 'admin', body });
}, 60_000);
afterAll(async () => {
  await agent.stop();
  await replicas.stop();
  await Promise.all([sshd.stop(), impostor.stop()]);
  folder.remove();
}, 30_000);

const addShell = (port: number): Promise<Endpoint> => {
  const body: EndpointBody = {
    ...{ name: `Shell ${Math.random()}`, hostname: '127.0.0.1', port, protocol: 'SSH' },
    ...{ credentialsType: 'KEY_PAIR', username: sshd.userName, privateKey: sshd.privateKey },
  };
  return replicas.addEndpoint(body, GATEWAY);
};

/** Two first connections at the same moment, each at a replica of its own. */
async function connectTwice(id: string): Promise<TerminalClient[]> {
  const paths = await Promise.all([one, two].map(at => at.ticketPath(id, GATEWAY)));
  return Promise.all([one.openTerminal(paths[0]!), two.openTerminal(paths[1]!)]);
}

async function pinned(at: Replica, id: string): Promise<string[]> {
  const { credentials } = await at.json<Endpoint>(`${CONFIGURATIONS}/${id}`);
  return credentials.hostKey?.split('\n') ?? [];
}

async function savings({ name }: Endpoint): Promise<string[]> {
  const path = `/audit/auditRecords?source=${GATEWAY}&pageSize=1000`;
  const { auditRecords } = await replicas.platform<{ auditRecords: AuditRecord[] }>(path);
  return auditRecords
    .map(({ text }) => text)
    .filter(text => text.includes(`"${name}"`) && text.includes('saved after the first sign-in'));
}

const isSettled = ({ messages }: TerminalClient): boolean =>
  messages.some(({ type }) => type === 'ended') ||
  messages.some(message => message.type === 'status' && message.step === 'open');

it('two first connections at two replicas pin the key of their server once', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const endpoint = await addShell(sshd.port);
    const clients = await connectTwice(endpoint.id);
    for (const client of clients) await client.reaches('open');
    await waitUntil('the key is pinned', async () => (await pinned(one, endpoint.id)).length > 0);
    await waitUntil('it is in the audit log', async () => (await savings(endpoint)).length > 0);
    for (const client of clients) {
      client.disconnect();
      await client.closed();
    }
    expect(await pinned(one, endpoint.id)).toEqual(sshd.hostKeys);
    expect(await pinned(two, endpoint.id)).toEqual(sshd.hostKeys);
    expect(await savings(endpoint)).toHaveLength(1);
  }
}, 90_000);

it('of two servers behind one address only one is pinned, and the other is refused afterwards', async () => {
  const sockets = new Set<Socket>();
  let turn = 0;
  const alternating = createServer(near => {
    const far = connect([sshd, impostor][(turn += 1) % 2]!.port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy()).once('close', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(alternating, 'listening');
  try {
    const endpoint = await addShell((alternating.address() as AddressInfo).port);
    const clients = await connectTwice(endpoint.id);
    await waitUntil('both are open or refused', () => clients.every(isSettled));
    await waitUntil('a key is pinned', async () => (await pinned(two, endpoint.id)).length > 0);
    const keys = await pinned(one, endpoint.id);
    expect([sshd.hostKeys, impostor.hostKeys]).toContainEqual(keys);
    for (const client of clients) {
      client.disconnect();
      await client.closed();
    }
    expect(await savings(endpoint)).toHaveLength(1);

    const ends = new Set<string>();
    for (const at of [one, two, one, two]) {
      const client = await at.openTerminal(await at.ticketPath(endpoint.id, GATEWAY));
      await waitUntil('it is open or refused', () => isSettled(client));
      client.disconnect();
      await client.closed();
      const end = client.messages.find(({ type }) => type === 'ended');
      ends.add(end?.type === 'ended' ? end.code : 'none');
    }
    expect(ends).toContain('host-key-mismatch');
    expect(await pinned(one, endpoint.id)).toEqual(keys);
  } finally {
    for (const socket of sockets) socket.destroy();
    await once(alternating.close(), 'close');
  }
}, 90_000);
