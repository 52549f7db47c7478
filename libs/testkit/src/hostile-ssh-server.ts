import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { Server, utils, type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import { ed25519KeyPair } from './ssh-keys';
import { protocolOf, send, socketOf, strings } from './ssh-server-internals';
import { tcpTarget } from './sockets/tcp-target';

const USERAUTH_BANNER = 53;
const USERAUTH_INFO_REQUEST = 60;
const GLOBAL_REQUEST = 80;

/** The ways in which a hostile or broken server misbehaves. */
export type HostileSsh =
  | 'packet of 2 GiB'
  | 'endless greeting'
  | 'endless banner'
  | 'million prompts'
  | 'prompts without end'
  | 'partial success without end'
  | 'channel that never closes'
  | 'ignored window'
  | 'other key at the next exchange'
  | 'forged proofs of keys';

export interface HostileSshServer {
  readonly port: number;
  /** The server's host key, `type base64`. */
  readonly hostKey: string;
  /** The method of each sign-in attempt. */
  readonly attempts: readonly string[];
  stop(): Promise<void>;
}

/** An SSH server on loopback that accepts any password, and misbehaves before or after that. */
export async function startHostileSshServer(does: HostileSsh): Promise<HostileSshServer> {
  const key = ed25519KeyPair();
  const attempts: string[] = [];
  const server = new Server({ hostKeys: [key.private], ident: 'OpenSSH_9.9' }, client => {
    client.on('error', () => client.end());
    client.on('authentication', context => {
      attempts.push(context.method);
      signIn(does, client, context);
    });
    client.on('ready', () => afterSignIn(does, client, key.public));
    client.on('session', accept => {
      const session = accept();
      session.on('pty', acceptPty => acceptPty());
      session.on('window-change', acceptChange => acceptChange?.());
      session.on('shell', acceptShell => serveShell(does, client, acceptShell()));
    });
  });
  const target = await tcpTarget(socket => serve(does, server, socket));
  const hostKey = key.public.split(' ').slice(0, 2).join(' ');
  return { port: target.port, hostKey, attempts, stop: target.stop };
}

function serve(does: HostileSsh, server: Server, socket: Socket): void {
  if (does === 'packet of 2 GiB') {
    socket.write('SSH-2.0-liar\r\n');
    socket.write(Buffer.from([0x80, 0, 0, 0, 4, 20, 0, 0]));
  } else if (does === 'endless greeting') {
    flood(socket, () => socket.write(`${'welcome '.repeat(100)}\r\n`));
  } else {
    server.injectSocket(socket);
  }
}

function signIn(does: HostileSsh, client: Connection, context: AuthContext): void {
  if (does === 'endless banner') {
    const banner = strings('welcome\r\n'.repeat(1000), '');
    const socket = socketOf(client);
    flood(socket, () => {
      send(client, Buffer.concat([Buffer.from([USERAUTH_BANNER]), banner]));
      return !socket.writableNeedDrain;
    });
  } else if (context.method === 'keyboard-interactive') {
    ask(does, client, context);
  } else if (does === 'million prompts' || does === 'prompts without end') {
    context.reject(['keyboard-interactive']);
  } else if (does === 'partial success without end') {
    context.reject(['keyboard-interactive', 'password'], true);
  } else if (context.method === 'password') {
    context.accept();
  } else {
    context.reject(['password']);
  }
}

function ask(
  does: HostileSsh,
  client: Connection,
  context: Extract<AuthContext, { method: 'keyboard-interactive' }>,
): void {
  if (does === 'million prompts') {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(1_000_000);
    const one = Buffer.concat([strings('?'), Buffer.from([1])]);
    const some = Buffer.concat(Array.from({ length: 1000 }, () => one));
    send(
      client,
      Buffer.concat([Buffer.from([USERAUTH_INFO_REQUEST]), strings('', '', ''), count, some]),
    );
  } else if (does === 'partial success without end') {
    context.reject(['keyboard-interactive'], true);
  } else {
    const again = (): void => {
      context.prompt([{ prompt: 'And now? ', echo: true }], again);
    };
    again();
  }
}

function afterSignIn(does: HostileSsh, client: Connection, ownKey: string): void {
  if (does !== 'forged proofs of keys') return;
  const stranger = ed25519KeyPair().public;
  const keys = [ownKey, stranger].map(line => Buffer.from(line.split(' ')[1] ?? '', 'base64'));
  const protocol = protocolOf(client);
  // Every proof consists of random bytes of the right length.
  protocol._handlers['GLOBAL_REQUEST'] = () => {
    const noise = (): Buffer => strings('ssh-ed25519', randomBytes(64));
    protocol.requestSuccess(strings(noise(), noise()));
  };
  send(
    client,
    Buffer.concat([
      Buffer.from([GLOBAL_REQUEST]),
      strings('hostkeys-00@openssh.com'),
      Buffer.from([0]),
      strings(...keys),
    ]),
  );
}

function serveShell(does: HostileSsh, client: Connection, channel: ServerChannel): void {
  channel.on('error', () => channel.destroy());
  switch (does) {
    case 'channel that never closes':
      channel.write('bye');
      channel.exit(3);
      return;
    case 'ignored window': {
      (channel as unknown as { outgoing: { window: number } }).outgoing.window = Infinity;
      const socket = socketOf(client);
      flood(socket, () => {
        channel.write(Buffer.alloc(32 * 1024, 0x61));
        return !socket.writableNeedDrain;
      });
      return;
    }
    case 'other key at the next exchange': {
      const other = utils.parseKey(ed25519KeyPair().private);
      protocolOf(client)._hostKeys['ssh-ed25519'] = other;
      client.rekey();
      return;
    }
    default:
      channel.write('hello');
  }
}

/** Writes for as long as the other end accepts it. */
function flood(socket: Socket, more: () => boolean): void {
  const fill = (): void => {
    while (!socket.destroyed && more());
  };
  socket.on('drain', fill);
  fill();
}
