import { Server, type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';
import { tcpTarget } from './sockets/tcp-target';
import { ed25519KeyPair } from './ssh-keys';
import { protocolOf, send, socketOf, strings } from './ssh-server-internals';

const DISCONNECT = 1;
const UNIMPLEMENTED = 3;
const USERAUTH_BANNER = 53;

/** RFC 4253 11.1: `SSH_DISCONNECT_BY_APPLICATION` and another reason. */
const BY_APPLICATION = 11;
const AUTH_CANCELLED_BY_USER = 13;

/** Behaviour of devices in the field that OpenSSH does not show. */
export type OddSsh =
  | 'answers no global request'
  | 'calls global requests unimplemented'
  | 'refuses a terminal'
  | 'refuses every extra'
  | 'accepts the service with the sign-in'
  | 'answers for the terminal with the shell'
  | 'refuses a shell'
  | 'has chacha20 only'
  | 'has chacha20 only, without strict key exchange'
  | 'has an old key exchange only'
  | 'refuses the sign-in by disconnecting'
  | 'refuses the sign-in by hanging up'
  | 'greets with a link and decides later'
  | 'instructs without a prompt'
  | 'disconnects at exit'
  | 'disconnects at exit, by application'
  | 'hangs up at exit';

export interface OddSshServer {
  readonly port: number;
  /** The server's host key, `type base64`. */
  readonly hostKey: string;
  /** The requests of clients, in order: `auth password`, `pty`, `env LANG=x`, `shell`, `exec ls`. */
  readonly requests: readonly string[];
  /** How many SSH_MSG_IGNORE messages have been received. */
  readonly ignored: () => number;
  /** How many global requests have been received; counted only where they are not answered. */
  readonly globalRequests: () => number;
  /** The key exchange methods and markers of the last offer. */
  readonly offeredKex: () => readonly string[];
  /** Completes a sign-in that is waiting for something outside the connection. */
  readonly decide: () => void;
  stop(): Promise<void>;
}

export interface OddSshOptions {
  /** The server's identification after `SSH-2.0-`. */
  readonly ident?: string;
  /** Accepted for any user. */
  readonly password?: string;
  /** What a server that decides later says first; {@link ODD_BANNERS} by default. */
  readonly banners?: readonly string[];
}

const CHACHA20 = 'chacha20-poly1305@openssh.com';

/** The banner of a server that decides about the sign-in elsewhere. */
export const ODD_BANNERS = [
  'Authorized use only\r\n',
  'Approve this sign-in at https://idp.example/approve?id=42\r\n',
] as const;

export const ODD_INSTRUCTIONS = 'Hold your badge to the reader.';

/** An SSH server on loopback that echoes, and deviates in one way. */
export async function startOddSshServer(
  does: OddSsh,
  { ident = 'OddDevice_1.0', password = 'right', banners = ODD_BANNERS }: OddSshOptions = {},
): Promise<OddSshServer> {
  const key = ed25519KeyPair();
  const requests: string[] = [];
  let ignored = 0;
  let globalRequests = 0;
  let offeredKex: readonly string[] = [];
  let decide: (() => void) | undefined;
  const algorithms = does.startsWith('has chacha20')
    ? { cipher: [CHACHA20] }
    : does === 'has an old key exchange only'
      ? { kex: ['diffie-hellman-group14-sha1'] }
      : {};
  const server = new Server(
    {
      hostKeys: [key.private],
      ident,
      algorithms: algorithms as object,
      // ssh2 does not report SSH_MSG_IGNORE anywhere else.
      debug: line => (ignored += Number(line.includes('Inbound: Received IGNORE'))),
    },
    client => {
      client.on('error', () => client.end());
      if (does === 'has chacha20 only, without strict key exchange') withoutStrict(client);
      if (does === 'accepts the service with the sign-in') holdService(client);
      serveGlobalRequests(does, client, () => (globalRequests += 1));
      offeredKex = protocolOf(client)._offer.lists.kex.array;
      client.on('authentication', context => {
        requests.push(`auth ${context.method}`);
        signIn(does, client, context, { password, banners }, go => (decide = go));
      });
      client.on('session', accept => serveSession(does, client, accept(), requests));
    },
  );
  const target = await tcpTarget(socket => server.injectSocket(socket));
  return {
    port: target.port,
    hostKey: key.public.split(' ').slice(0, 2).join(' '),
    requests,
    ignored: () => ignored,
    globalRequests: () => globalRequests,
    offeredKex: () => offeredKex,
    decide: () => decide?.(),
    stop: target.stop,
  };
}

/** Announces the extension under a name that clients do not know. */
function withoutStrict(client: Connection): void {
  const protocol = protocolOf(client);
  const { all } = protocol._offer.lists;
  const at = all.indexOf('kex-strict-s');
  if (at >= 0) all.write('kex-absent-s', at, 'latin1');
  protocol._strictMode = false;
}

/** Accepts the service only once the client has tried to sign in. */
function holdService(client: Connection): void {
  const handlers = protocolOf(client)._handlers as Record<string, (...given: unknown[]) => void>;
  const { SERVICE_REQUEST: accept, USERAUTH_REQUEST: attempt } = handlers;
  let held: (() => void) | undefined;
  handlers['SERVICE_REQUEST'] = (...given) => (held = () => accept!(...given));
  handlers['USERAUTH_REQUEST'] = (...given) => {
    held?.();
    held = undefined;
    attempt!(...given);
  };
}

function serveGlobalRequests(does: OddSsh, client: Connection, count: () => void): void {
  const handlers = protocolOf(client)._handlers;
  if (does === 'answers no global request') handlers['GLOBAL_REQUEST'] = count;
  if (does === 'calls global requests unimplemented') {
    handlers['GLOBAL_REQUEST'] = () => {
      count();
      send(client, Buffer.from([UNIMPLEMENTED, 0, 0, 0, 0]));
    };
  }
}

function signIn(
  does: OddSsh,
  client: Connection,
  context: AuthContext,
  { password, banners }: Required<Pick<OddSshOptions, 'password' | 'banners'>>,
  later: (go: () => void) => void,
): void {
  const isRight = context.method === 'password' && context.password === password;
  if (does === 'instructs without a prompt') {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
    // Instructions without a prompt (RFC 4256 3.2), before the request with the prompt.
    return context.prompt([], 'Badge', ODD_INSTRUCTIONS, () => {
      context.prompt([{ prompt: 'Password: ', echo: false }], ([given]) => {
        if (given === password) context.accept();
        else context.reject();
      });
    });
  }
  if (context.method === 'none') return context.reject(['password']);
  if (does === 'greets with a link and decides later') {
    for (const text of banners) {
      send(client, Buffer.concat([Buffer.from([USERAUTH_BANNER]), strings(text, '')]));
    }
    return later(() => context.accept());
  }
  if (isRight) return context.accept();
  if (does === 'refuses the sign-in by disconnecting') {
    disconnect(client, AUTH_CANCELLED_BY_USER, 'Too many bad passwords');
    return socketOf(client).end() as unknown as undefined;
  }
  if (does === 'refuses the sign-in by hanging up') {
    return socketOf(client).end() as unknown as undefined;
  }
  return context.reject(['password']);
}

function disconnect(client: Connection, reason: number, words: string): void {
  const code = Buffer.alloc(4);
  code.writeUInt32BE(reason);
  send(client, Buffer.concat([Buffer.from([DISCONNECT]), code, strings(words, '')]));
}

function serveSession(does: OddSsh, client: Connection, session: Session, asked: string[]): void {
  const isBare = does === 'refuses every extra';
  let grantTerminal: (() => void) | undefined;
  session.on('env', (accept, reject, { key, val }) => {
    asked.push(`env ${key}=${val}`);
    if (isBare) reject?.();
    else accept?.();
  });
  session.on('pty', (accept, reject) => {
    asked.push('pty');
    if (isBare || does === 'refuses a terminal') reject?.();
    else if (does === 'answers for the terminal with the shell') grantTerminal = accept;
    else accept();
  });
  session.on('window-change', (accept, reject) => {
    asked.push('window-change');
    if (isBare) reject?.();
    else accept?.();
  });
  session.on('signal', (accept, _reject, { name }) => {
    asked.push(`signal ${name}`);
    accept?.();
  });
  session.on('shell', (accept, reject) => {
    asked.push('shell');
    grantTerminal?.();
    if (does === 'refuses a shell') reject?.();
    else echo(does, client, accept());
  });
  session.on('exec', (accept, _reject, { command }) => {
    asked.push(`exec ${command}`);
    echo(does, client, accept());
  });
}

/** Echoes lines; `exit` ends the session. */
function echo(does: OddSsh, client: Connection, channel: ServerChannel): void {
  channel.on('error', () => channel.destroy());
  channel.write('ready\n');
  channel.on('data', (chunk: Buffer) => {
    channel.write(chunk);
    if (chunk.toString().includes('exit')) leave(does, client, channel);
  });
}

function leave(does: OddSsh, client: Connection, channel: ServerChannel): void {
  switch (does) {
    case 'disconnects at exit':
      disconnect(client, AUTH_CANCELLED_BY_USER, 'Session closed by user');
      socketOf(client).end();
      return;
    case 'disconnects at exit, by application':
      disconnect(client, BY_APPLICATION, 'Session closed by user');
      socketOf(client).end();
      return;
    case 'hangs up at exit':
      socketOf(client).end();
      return;
    default:
      channel.exit(0);
      channel.end();
  }
}
