import { RemoteAccessError } from '@remote-access/contracts';
import { ed25519KeyPair } from '@remote-access/testkit';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Server, type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import { openShell, type ShellOptions } from './open-shell';
import type { SshSignIn } from './sign-in';

export const ENDPOINT = { name: 'Press 4', hostname: '10.0.0.5', port: 22 };
export const SIGN_IN: SshSignIn = { type: 'password', username: 'ana', password: 'right' };
export const hostKey = ed25519KeyPair();

interface TestServer {
  readonly port: number;
  /** The methods of all sign-in attempts, in order. */
  readonly attempts: string[];
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Serves TCP connections on loopback until the test ends. */
export async function listen(serve: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer(socket => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise(resolve => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A server built with ssh2 that records every sign-in attempt. */
export async function sshServer(
  answer: (context: AuthContext) => void = acceptRightPassword,
  onShell: (channel: ServerChannel, client: Connection) => void = channel => channel.end('hello'),
  /** Sent before the identification. */
  greeting?: string,
): Promise<TestServer> {
  const attempts: string[] = [];
  const server = new Server({ hostKeys: [hostKey.private], greeting }, client => {
    client.on('error', () => client.end());
    client.on('authentication', context => {
      attempts.push(context.method);
      answer(context);
    });
    client.on('session', accept => {
      const session = accept();
      session.on('pty', acceptPty => acceptPty());
      session.on('window-change', acceptChange => acceptChange?.());
      session.on('shell', acceptShell => onShell(acceptShell(), client));
    });
  });
  return { port: await listen(socket => server.injectSocket(socket)), attempts };
}

export function acceptRightPassword(context: AuthContext): void {
  if (context.method === 'password' && context.password === 'right') context.accept();
  else context.reject(['password']);
}

export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  closing.push(() => {
    const closed = socket.closed ? Promise.resolve() : once(socket, 'close');
    socket.destroy();
    return Promise.resolve(closed);
  });
  return socket;
}

/** A connection whose first 100 received bytes arrive one by one. */
export function inPieces(connection: Duplex): Duplex {
  let left = 100;
  const slow = new Duplex({
    read: () => connection.resume(),
    write: (chunk: Buffer, _encoding, done) => void connection.write(chunk, done),
    destroy: (cause, done) => {
      connection.destroy();
      done(cause);
    },
  });
  connection.on('data', (chunk: Buffer) => {
    const single = chunk.subarray(0, left);
    left -= single.length;
    for (const byte of single) slow.push(Buffer.of(byte));
    if (single.length < chunk.length) slow.push(chunk.subarray(single.length));
  });
  connection.once('close', () => slow.destroy());
  return slow;
}

/** An SSH server that disconnects at a certain request. */
export async function leavingServer(at: 'authentication' | 'session'): Promise<number> {
  return listen(socket => {
    const server = new Server({ hostKeys: [hostKey.private] }, client => {
      client.on('error', () => client.end());
      client.on('authentication', context => {
        if (at === 'authentication') socket.destroy();
        else context.accept();
      });
      client.on('session', () => socket.destroy());
    });
    server.injectSocket(socket);
  });
}

export async function shellOn(port: number, options: Partial<ShellOptions> = {}) {
  return openShell({
    socket: await dial(port),
    endpoint: ENDPOINT,
    signIn: SIGN_IN,
    pinnedHostKeys: null,
    size: () => ({ cols: 80, rows: 24 }),
    ...options,
  });
}

export async function failure(work: Promise<unknown>): Promise<RemoteAccessError> {
  const outcome = await work.then(
    () => new Error('It opened a shell'),
    (cause: unknown) => cause,
  );
  if (!(outcome instanceof RemoteAccessError)) throw outcome;
  return outcome;
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
