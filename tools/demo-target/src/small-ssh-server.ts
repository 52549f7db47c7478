import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import type { IPty } from '@lydell/node-pty';
import { ed25519KeyPair } from '@remote-access/testkit';
import { Server, utils, type AuthContext, type ParsedKey } from 'ssh2';
import { endDescendants } from './descendants';
import { serveShell } from './serve-shell';

/** The SSH server on loopback behind the endpoint "Gateway shell". */
export interface DemoTarget {
  /** The description that `npm start` prints. */
  readonly kind: string;
  readonly port: number;
  readonly userName: string;
  /** In OpenSSH's format, unencrypted; generated for this run. */
  readonly privateKey: string;
  readonly publicKey: string;
  /** One line, `type base64`. */
  readonly hostKey: string;
  stop(): Promise<void>;
}

/**
 * An SSH server for machines without sshd. It has one user and one key, offers only a shell in a
 * terminal, and listens on loopback.
 */
export async function startSmallSshServer(): Promise<DemoTarget> {
  const { username } = userInfo();
  const hostKey = ed25519KeyPair();
  const userKey = ed25519KeyPair();
  const shells = new Set<IPty>();
  const sockets = new Set<Socket>();

  const ssh = new Server({ hostKeys: [hostKey.private] }, client => {
    // A client may disconnect in the middle of a message; `close` follows.
    client.on('error', () => client.end());
    client.on('authentication', context => {
      if (mayEnter(context, username, userKey.public)) context.accept();
      else context.reject(['publickey']);
    });
    client.on('session', accept => serveShell(accept(), shells));
  });
  // With our own listener, `stop` can end connections that never became a client of ssh2.
  const listener = createServer({ noDelay: true }, socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    kind: `a small SSH server with your shell (this machine has no sshd), as ${username}`,
    port: (listener.address() as AddressInfo).port,
    userName: username,
    privateKey: userKey.private,
    publicKey: userKey.public,
    hostKey: hostKey.public.split(' ').slice(0, 2).join(' '),
    stop: async () => {
      const closed = once(listener, 'close');
      listener.close();
      await endDescendants([...shells].map(({ pid }) => pid));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function mayEnter(context: AuthContext, userName: string, publicKey: string): boolean {
  if (context.method !== 'publickey' || context.username !== userName) return false;
  const known = utils.parseKey(publicKey) as ParsedKey;
  if (!known.getPublicSSH().equals(context.key.data)) return false;
  // Without a signature, the client only asks whether the key is acceptable.
  if (!context.signature) return true;
  // verify() returns an Error for an unreadable signature, which the types of ssh2 omit.
  const verified: unknown = known.verify(
    context.blob as Buffer,
    context.signature,
    context.hashAlgo,
  );
  return verified === true;
}
