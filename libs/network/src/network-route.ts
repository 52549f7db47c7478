import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { certificateProblem } from './certificate-problem';
import { NameLookup } from './name-lookup';

const CONNECT_TIMEOUT_MS = 15_000;

/** A longer response to CONNECT does not come from a proxy. */
const MAX_PROXY_ANSWER_BYTES = 16 * 1024;

export interface NetworkSettings {
  /** `http://user:password@host:port` or `https://…`. */
  readonly proxy?: string;
  /**
   * Hosts that are reached without the proxy: names (including their subdomains), addresses, or
   * `*`.
   */
  readonly noProxy?: readonly string[];
  /** A file of PEM certificates that are trusted in addition to the system's. */
  readonly caFile?: string;
  /** The device's certificate chain and key, in PEM. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** For the TCP connection, the proxy's response and the TLS handshake together. */
  readonly timeoutMs?: number;
}

/** The proxy cannot be used. The message names it, without its password. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/** Where to connect; TLS uses this server name. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/**
 * How this machine reaches the platform: directly or through a proxy, and which authorities it
 * trusts.
 */
export class NetworkRoute {
  private readonly ca: string[] | undefined;
  private readonly identity: { cert: Buffer; key: Buffer } | undefined;
  /** Shared by all connections: a context with a CA of its own contains all others too, and takes 10 ms to make. */
  private anonymous: SecureContext | undefined;
  private identified: SecureContext | undefined;

  /** Differs whenever a setting or the content of one of the files differs. */
  readonly fingerprint: string;

  /** @throws a system error if a file cannot be read */
  constructor(
    private readonly settings: NetworkSettings = {},
    private readonly names = new NameLookup(),
  ) {
    const { caFile, certificateFile, keyFile } = settings;
    this.ca =
      caFile === undefined ? undefined : [...rootCertificates, readFileSync(caFile, 'utf8')];
    if (certificateFile !== undefined && keyFile !== undefined) {
      this.identity = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
    }
    const contents = [this.ca?.at(-1), this.identity?.cert, this.identity?.key].map(String);
    this.fingerprint = createHash('sha256')
      .update(JSON.stringify([settings, contents]))
      .digest('base64');
  }

  /**
   * Fails now rather than with every later connection.
   *
   * @throws an error of TLS if a file is not PEM, or if key and certificate do not belong together
   */
  checkFiles(): void {
    this.secureContext();
    this.secureContext(true);
  }

  /**
   * For HTTP. The device's certificate is not presented: HTTP requests carry a password or token.
   */
  httpAgent(isTls: boolean, options: AgentOptions): HttpAgent {
    const { lookup } = this.names;
    const agent = isTls
      ? new HttpsAgent({ ...options, lookup, secureContext: this.secureContext() })
      : new HttpAgent({ ...options, lookup });
    if (this.settings.proxy === undefined) return agent;
    const direct = agent.createConnection.bind(agent);
    agent.createConnection = (wanted, onCreated) => {
      const { host, port } = wanted as { host?: string | null; port?: number | string | null };
      const destination = { host: host ?? '', port: Number(port), tls: isTls };
      if (!this.usesProxy(destination.host)) return direct(wanted, onCreated);
      this.connect(destination).then(
        socket => onCreated?.(null, socket),
        (cause: unknown) => onCreated?.(cause as Error, undefined as never),
      );
      return undefined;
    };
    return agent;
  }

  /**
   * Opens a connection; with `withIdentity`, presents the device's certificate if there is one.
   *
   * @throws a system error, a TLS error, or an error that names the proxy
   */
  async connect(destination: Destination, withIdentity = false): Promise<Socket> {
    const opened: Socket[] = [];
    const timer = setTimeout(() => {
      // Somebody waits for the last one, and nobody would handle an error of those beneath it.
      opened.at(-1)?.destroy(new Error('the connection took too long'));
    }, this.settings.timeoutMs ?? CONNECT_TIMEOUT_MS);
    try {
      const { host, port, tls } = destination;
      const { lookup } = this.names;
      const transport = this.usesProxy(host)
        ? await this.throughProxy(destination, opened)
        : await connected(
            connectTcp({ host, port, autoSelectFamily: true, noDelay: true, lookup }),
            opened,
          );
      if (!tls) return transport;
      return await secured(transport, host, this.secureContext(withIdentity), opened);
    } catch (cause) {
      for (const socket of opened) socket.destroy();
      throw cause;
    } finally {
      clearTimeout(timer);
    }
  }

  private secureContext(withIdentity = false): SecureContext {
    const ca = this.ca && { ca: this.ca };
    if (withIdentity) return (this.identified ??= createSecureContext({ ...ca, ...this.identity }));
    return (this.anonymous ??= createSecureContext({ ...ca }));
  }

  private usesProxy(host: string): boolean {
    if (this.settings.proxy === undefined || isLoopback(host)) return false;
    return !(this.settings.noProxy ?? []).some(entry => {
      const name = entry.replace(/^\*?\.|^\[|\]$/g, '').toLowerCase();
      return (
        entry === '*' || host.toLowerCase() === name || host.toLowerCase().endsWith(`.${name}`)
      );
    });
  }

  private async throughProxy({ host, port }: Destination, opened: Socket[]): Promise<Socket> {
    const proxy = new URL(this.settings.proxy!);
    const isTls = proxy.protocol === 'https:';
    const proxyHost = proxy.hostname.replace(/^\[|\]$/g, '');
    const proxyPort = Number(proxy.port || (isTls ? 443 : 80));
    const where = `the proxy ${proxyHost}:${proxyPort}`;
    let socket: Socket;
    try {
      const { lookup } = this.names;
      const tcp = connectTcp({ host: proxyHost, port: proxyPort, noDelay: true, lookup });
      socket = await connected(tcp, opened);
      if (isTls) socket = await secured(socket, proxyHost, this.secureContext(), opened);
    } catch (cause) {
      const reason =
        certificateProblem(cause) ?? `could not be reached: ${(cause as Error).message}`;
      throw new ProxyError(`${where} ${reason}`, { cause });
    }
    const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
    const credentials = `${decoded(proxy.username)}:${decoded(proxy.password)}`;
    socket.write(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n` +
        (proxy.username === ''
          ? ''
          : `Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`) +
        '\r\n',
    );
    const status = await proxyAnswer(socket, where);
    if (status === 407) throw new ProxyError(`${where} refused its user name and password (407)`);
    if (status !== 200)
      throw new ProxyError(`${where} refused to connect to ${authority} (${status})`);
    return socket;
  }
}

async function connected(socket: Socket, opened: Socket[]): Promise<Socket> {
  opened.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** The name is also sent, because a server may have several certificates; an address never is (RFC 6066, section 3). */
async function secured(
  transport: Socket,
  host: string,
  secureContext: SecureContext,
  opened: Socket[],
): Promise<TLSSocket> {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ socket: transport, host, secureContext, ...servername });
  opened.push(socket);
  await once(socket, 'secureConnect');
  return socket;
}

/** Reads the head of the response. Bytes after it stay in the connection for its next reader. */
function proxyAnswer(socket: Socket, where: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const settle = (result: number | Error): void => {
      socket.off('readable', onReadable).off('close', onClose).off('error', onError);
      if (typeof result === 'number') resolve(result);
      else reject(result);
    };
    const onError = ({ message }: Error): void =>
      settle(new ProxyError(`${where} did not answer: ${message}`));
    const onClose = (): void => settle(new ProxyError(`${where} closed the connection`));
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0 && head.length <= MAX_PROXY_ANSWER_BYTES) return;
      const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, end)) ?? [];
      if (end < 0 || status === undefined) {
        return settle(new ProxyError(`${where} does not speak HTTP`));
      }
      settle(Number(status));
      if (end + 4 < head.length) socket.unshift(head.subarray(end + 4));
    };
    // Not `data`: a listener alone does not resume a socket that was explicitly paused.
    socket.on('readable', onReadable).once('close', onClose).on('error', onError);
  });
}

/** A `%` that begins no escape stands for itself, as in other programs. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/i.test(host);
}

/**
 * The proxy for an address according to the usual variables, in upper or lower case: `HTTPS_PROXY`,
 * `HTTP_PROXY` for an address without TLS, and `NO_PROXY`, a comma-separated list.
 *
 * @throws {TypeError} if the proxy is not a URL
 */
export function proxyOf(url: string, env: NodeJS.ProcessEnv): NetworkSettings {
  const read = (name: string): string => env[name] || env[name.toLowerCase()] || '';
  const named = read(url.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (named === '') return {};
  const proxy = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`;
  const { protocol } = new URL(proxy);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new TypeError('only proxies with http: and https: are supported');
  }
  const noProxy = read('NO_PROXY')
    .split(',')
    .map(entry => entry.trim())
    .filter(Boolean);
  return { proxy, noProxy };
}
