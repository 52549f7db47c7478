import { type ChildProcess, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, hasEnded, spawnLogged } from './child-processes';
import { closedPort, isListening } from './sockets/tcp-target';
import { temporaryFolder } from './temporary-folder';
import { type TemporaryUser, withTemporaryUser } from './temporary-user';
import { waitUntil } from './wait-until';

/** Values of Xtigervnc's option -SecurityTypes. */
export type XvncSecurityType =
  | 'None'
  | 'VncAuth'
  | 'Plain'
  | 'TLSNone'
  | 'TLSVnc'
  | 'TLSPlain'
  | 'X509None'
  | 'X509Vnc'
  | 'X509Plain';

export interface XvncOptions {
  readonly securityTypes: readonly XvncSecurityType[];
  /** For the types that end in Vnc or VncAuth. VNC uses the first eight characters. */
  readonly password?: string;
  /** For the types that end in Plain. Requires root or sudo. */
  readonly plainUser?: TemporaryUser;
  /** Width × height, e.g. `800x600`. */
  readonly geometry?: string;
  /** A free port by default. */
  readonly port?: number | undefined;
  /** HOME of the programs on the display; an empty folder by default. */
  readonly home?: string;
  /** More options, e.g. `-desktop NAME`. */
  readonly args?: readonly string[];
}

/** TigerVNC's X server on loopback. */
export interface Xvnc {
  readonly port: number;
  /** For X programs, e.g. `:7`. */
  readonly display: string;
  /** Its X.509 certificate in PEM, created for this run. */
  readonly certificate: string;
  /** The Xauthority file with the cookie that programs need to use the display. */
  readonly authority: string;
  /** Starts an X program on the display. `stop` ends it too. */
  run(command: string, ...args: readonly string[]): ChildProcess;
  log(): string;
  stop(): Promise<void>;
}

export async function startXvnc(options: XvncOptions): Promise<Xvnc> {
  const folder = temporaryFolder('xvnc');
  const file = (name: string): string => join(folder.path, name);
  const port = options.port ?? (await closedPort());
  const { password } = options;
  if (password !== undefined) {
    const obscured = execFileSync('vncpasswd', ['-f'], { input: password });
    writeFileSync(file('passwd.vnc'), obscured, { mode: 0o600 });
  }
  writeXAuthority(file('authority'));
  const needsCertificate = options.securityTypes.some(type => type.startsWith('X509'));
  if (needsCertificate) makeCertificate(file('key.pem'), file('cert.pem'));

  const { home = file('home') } = options;
  mkdirSync(file('home'));

  writeFileSync(file('display'), '');
  const server = [
    // The server chooses a free display and writes its number once it is ready.
    ...['sh', '-c', 'exec "$@" 3> "$0"', file('display'), 'Xtigervnc'],
    ...['-displayfd', '3', '-nolisten', 'tcp', '-auth', file('authority')],
    ...['-geometry', options.geometry ?? '640x480'],
    ...['-rfbport', String(port), '-interface', '127.0.0.1', '-localhost=1'],
    ...['-SecurityTypes', options.securityTypes.join(','), '-rfbauth', file('passwd.vnc')],
    ...['-PlainUsers', options.plainUser?.name ?? ''],
    ...(needsCertificate ? ['-X509Cert', file('cert.pem'), '-X509Key', file('key.pem')] : []),
    ...(options.args ?? ['-UseBlacklist=0']),
  ];
  const [command = '', ...args] = options.plainUser
    ? withTemporaryUser(folder.path, options.plainUser, server)
    : server;
  const log = (): string => readFileSync(file('log'), 'utf8');
  const child = spawnLogged(file('log'), command, args);
  const programs: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([...programs, child].map(ended => endProcess(ended)));
    folder.remove();
  };
  try {
    let display = '';
    await waitUntil(`Xtigervnc has a display and listens on port ${port}`, () => {
      if (hasEnded(child)) throw new Error(`Xtigervnc ended at once: ${log()}`);
      display = `:${readFileSync(file('display'), 'utf8').trim()}`;
      return display !== ':' && isListening(port);
    });
    return {
      port,
      display,
      authority: file('authority'),
      certificate: needsCertificate ? readFileSync(file('cert.pem'), 'utf8') : '',
      run: (program, ...programArgs) => {
        const own = { DISPLAY: display, XAUTHORITY: file('authority'), HOME: home };
        const env = { ...process.env, ...own };
        const started = spawnLogged(file('programs.log'), program, programArgs, env);
        programs.push(started);
        return started;
      },
      log,
      stop,
    };
  } catch (cause) {
    const output = log();
    await stop();
    throw new Error(`Xtigervnc did not start: ${output}`, { cause });
  }
}

function makeCertificate(key: string, certificate: string): void {
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=panel.test'];
  const files = ['-days', '2', '-keyout', key, '-out', certificate];
  execFileSync('openssl', [...request, ...files], { stdio: 'ignore' });
}

const PROTOCOL = Buffer.from('MIT-MAGIC-COOKIE-1');
const COOKIE_BYTES = 16;

/** Xauth's FamilyWild: the cookie applies to every display. */
const ANY_DISPLAY = 0xffff;

/**
 * Writes an Xauthority file with a new cookie. Without a cookie, every user of the machine could
 * use the display.
 */
export function writeXAuthority(path: string): void {
  const field = (bytes: Buffer): Buffer => Buffer.concat([uint16(bytes.length), bytes]);
  const noName = field(Buffer.alloc(0));
  const cookie = field(randomBytes(COOKIE_BYTES));
  const entry = Buffer.concat([uint16(ANY_DISPLAY), noName, noName, field(PROTOCOL), cookie]);
  writeFileSync(path, entry, { mode: 0o600 });
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
