import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:tls';
import type { Operation } from '@remote-access/contracts/platform';
import { CertificateAuthority, closedPort, waitUntil } from '@remote-access/testkit';
import type { WebSocket } from 'ws';
import { FOUND_AT, LISTENS_AT, Network } from '../fixtures/network';
import { type Replica, Replicas } from '../fixtures/replicas';
import { basic } from '../fixtures/stack';

const DEVICE = '1002';
const DEVICE_USER = { authorization: basic('t1001/device_gw-2') };

const networks: Network[] = [];
let replicas: Replicas;
let one: Replica;
let two: Replica;
let endpointId: string;

beforeAll(async () => {
  const ports = [await closedPort(), await closedPort()];
  networks.push(...ports.map(port => new Network(port)));
  await Promise.all(networks.map(network => network.start()));
  replicas = await Replicas.start(2, {}, index => ({
    CLUSTER_HOST: LISTENS_AT,
    CLUSTER_ADDRESS: FOUND_AT,
    CLUSTER_PORT: String(ports[index]),
  }));
  [one, two] = [replicas.services[0]!, replicas.services[1]!];
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
  endpointId = (await replicas.addEndpoint(body, DEVICE)).id;
}, 60_000);
afterEach(async () => {
  for (const network of networks) {
    Object.assign(network, { mode: 'open', delayMs: 0, isSilent: false });
    network.cut();
  }
  await waitUntil('no operation waits', async () => (await pending()).length === 0, 30_000);
}, 40_000);
afterAll(async () => {
  await replicas.stop();
  await Promise.all(networks.map(network => network.stop()));
}, 30_000);

async function pending(): Promise<Operation[]> {
  const path = `/devicecontrol/operations?deviceId=${DEVICE}&status=PENDING&pageSize=200`;
  const answer = await fetch(replicas.emulator.url + path, { headers: DEVICE_USER });
  return ((await answer.json()) as { operations: Operation[] }).operations;
}

/** A session of the first replica, whose gateway connects to the given one. */
async function session(gateway: Replica) {
  const near = await one.openTerminal(await one.ticketPath(endpointId, DEVICE));
  let operation: Operation | undefined;
  await waitUntil('an operation', async () => (operation = (await pending()).at(-1)) !== undefined);
  const report = (status: string): Promise<unknown> =>
    fetch(`${replicas.emulator.url}/devicecontrol/operations/${operation!.id}`, {
      method: 'PUT',
      headers: { ...DEVICE_USER, 'content-type': 'application/json' },
      body: JSON.stringify({ status }),
    });
  await report('EXECUTING');
  const far = await gateway.dial(operation!.c8y_RemoteAccessConnect!.connectionKey);
  await report('SUCCESSFUL');
  await waitUntil('the session is open', () =>
    near.messages.some(message => message.type === 'status' && message.step === 'open'),
  );
  return { near, far };
}

async function arrives(from: WebSocket, to: WebSocket, bytes: Buffer): Promise<void> {
  const hash = createHash('sha256');
  let length = 0;
  const take = (chunk: Buffer, isBinary: boolean): void => {
    if (!isBinary) return;
    hash.update(chunk);
    length += chunk.length;
  };
  to.on('message', take);
  for (let at = 0; at < bytes.length; at += 500_000) from.send(bytes.subarray(at, at + 500_000));
  await waitUntil(`${bytes.length} bytes`, () => length >= bytes.length, 60_000);
  to.off('message', take);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
}

const lastOf = ({ near }: Awaited<ReturnType<typeof session>>) => near.messages.at(-1);

it('a cut connection ends the sessions that use it with the reason, and no others', async () => {
  const across = await session(two);
  const local = await session(one);
  // Otherwise it counts as an endpoint on which nothing listens.
  await arrives(across.far, across.near.socket, randomBytes(10));
  const lost = once(across.far, 'close');
  for (const network of networks) network.cut();
  await across.near.closed();
  expect(lastOf(across)).toMatchObject({ type: 'ended', code: 'gateway-lost' });
  await lost;
  await arrives(local.near.socket, local.far, randomBytes(100));

  // The next one makes a new connection.
  const again = await session(two);
  await arrives(again.far, again.near.socket, randomBytes(100_000));
  for (const { near } of [local, again]) near.disconnect();
  await Promise.all([local.near.closed(), again.near.closed()]);
}, 60_000);

it('a slow connection loses nothing, and slows down nobody else', async () => {
  const across = await session(two);
  const local = await session(one);
  for (const network of networks) network.delayMs = 20;
  const slow = arrives(across.far, across.near.socket, randomBytes(4_000_000));
  for (let count = 0; count < 20; count += 1) {
    await arrives(local.near.socket, local.far, randomBytes(10));
  }
  await slow;
  for (const { near } of [across, local]) near.disconnect();
  await Promise.all([across.near.closed(), local.near.closed()]);
}, 90_000);

it('a connection that is silent without an end is given up, and its sessions end', async () => {
  const across = await session(two);
  await arrives(across.far, across.near.socket, randomBytes(10));
  for (const network of networks) network.isSilent = true;
  await waitUntil('it is noticed', () => across.near.closeCode !== undefined, 40_000);
  expect(lastOf(across)).toMatchObject({ type: 'ended', code: 'gateway-lost' });
}, 60_000);

it('an impostor of a replica gets no session (security)', async () => {
  const authority = new CertificateAuthority();
  const { certificate, key } = authority.issue({ commonName: 'replica' });
  const received: Buffer[] = [];
  const impostor = createTlsServer({ cert: certificate, key, ALPNProtocols: ['h2'] }, socket => {
    socket.on('data', (chunk: Buffer) => received.push(chunk));
  });
  impostor.on('tlsClientError', () => undefined);
  impostor.listen(0, LISTENS_AT);
  await once(impostor, 'listening');
  const { port } = impostor.address() as { port: number };
  for (const network of networks) {
    network.cut();
    network.mode = { port };
  }
  const ticket = await one.ticketPath(endpointId, DEVICE);
  await expect(two.openTerminal(ticket)).rejects.toThrow('503');
  expect(Buffer.concat(received).toString('latin1')).not.toContain('ticket');
  impostor.close();
  authority.remove();
}, 60_000);

it('a refused connection is an error that says so, until it is restored', async () => {
  for (const network of networks) network.close();
  const ticket = await one.ticketPath(endpointId, DEVICE);
  await expect(two.openTerminal(ticket)).rejects.toThrow('503');
  for (const network of networks) network.open();
  const across = await session(two);
  across.near.disconnect();
  await across.near.closed();
}, 60_000);
