import { connect, type ConnectionOptions } from 'node:tls';
import { Secret } from '@remote-access/settings';
import { ClusterKeys } from '../../apps/microservice/src/cluster/cluster-keys';
import { PeerServer } from '../../apps/microservice/src/cluster/peer-server';
import { makeIdentity, nameOfReplica } from '../../apps/microservice/src/cluster/replica-identity';
import type { Log } from '../../apps/microservice/src/logging/log';
import { MemoryBudget, memoryLimits } from '../../apps/microservice/src/memory/memory-budget';

const account = (password: string) => ({
  tenant: 'management',
  user: 'servicebootstrap',
  password: new Secret(password),
});
const silent = { warn: () => undefined, error: () => undefined } as unknown as Log;

let server: PeerServer;
let port: number;

beforeAll(async () => {
  const identity = await makeIdentity('one', new ClusterKeys(account('ours')).authority);
  server = new PeerServer(identity, silent, new MemoryBudget(memoryLimits(1024 * 1024, true)));
  port = await server.listen('127.0.0.1', 0);
});
afterAll(() => server.stop());

/** Whether the server keeps a connection; it refuses a certificate after the client's handshake. */
function isLetIn(options: ConnectionOptions): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, ALPNProtocols: ['h2'], ...options });
  socket.on('error', () => undefined);
  return new Promise(resolve => {
    // The server sends first: its settings.
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('close', () => resolve(false));
  });
}

const servername = nameOfReplica('one');

describe('a connection between replicas (security)', () => {
  it('is for replicas of the same account', async () => {
    const identity = await makeIdentity('two', new ClusterKeys(account('ours')).authority);
    expect(await isLetIn({ ...identity, servername })).toBe(true);
  });

  it('is refused without a certificate, and with one of another account', async () => {
    const ours = await makeIdentity('two', new ClusterKeys(account('ours')).authority);
    const theirs = await makeIdentity('two', new ClusterKeys(account('theirs')).authority);
    expect(await isLetIn({ ca: ours.ca, servername })).toBe(false);
    expect(await isLetIn({ ...theirs, ca: ours.ca, servername })).toBe(false);
  });

  it('is not made to a server whose certificate belongs to another account, or to another replica', async () => {
    const ours = await makeIdentity('two', new ClusterKeys(account('ours')).authority);
    const theirs = await makeIdentity('two', new ClusterKeys(account('theirs')).authority);
    expect(await isLetIn({ ...theirs, servername })).toBe(false);
    expect(await isLetIn({ ...ours, servername: nameOfReplica('three') })).toBe(false);
  });
});

describe('a message through the broker (security)', () => {
  const keys = new ClusterKeys(account('ours'));

  it('can be opened by replicas of the same account, under its own subject', () => {
    const sealed = keys.seal('a', { user: 'operator' });
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('operator');
    expect(new ClusterKeys(account('ours')).open('a', sealed)).toEqual({ user: 'operator' });
    expect(keys.open('b', sealed)).toBeUndefined();
    expect(new ClusterKeys(account('theirs')).open('a', sealed)).toBeUndefined();
  });

  it('is ignored if it was modified', () => {
    for (const at of [0, 12, 28, 30]) {
      const sealed = Buffer.from(keys.seal('a', { user: 'operator' }));
      sealed[at]! ^= 1;
      expect(keys.open('a', sealed)).toBeUndefined();
    }
    expect(keys.open('a', Buffer.alloc(3))).toBeUndefined();
  });

  it('identifies what is looked for by a name from which the secret cannot be derived', () => {
    expect(keys.nameOf('key')).not.toContain('key');
    expect(keys.nameOf('key')).toBe(new ClusterKeys(account('ours')).nameOf('key'));
    expect(keys.nameOf('key')).not.toBe(new ClusterKeys(account('theirs')).nameOf('key'));
  });
});
