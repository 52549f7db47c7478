import { lookup } from 'node:dns/promises';
import { isIP, isIPv6, type Socket } from 'node:net';
import { connectReusingBuffer } from '@remote-access/streams';
import { canonicalAddress } from './ip-address';
import { describeTarget, type Target } from './target';
import { TargetPolicy, type Resolve, type TargetLists } from './target-policy';

/** Long enough for a lost SYN on a slow line, and less than clients wait for the gateway. */
export const DIAL_TIMEOUT_MS = 10_000;

/**
 * For one address while others remain: long enough for a lost SYN, which is retransmitted after 1
 * s.
 */
const ATTEMPT_TIMEOUT_MS = 2_500;

/**
 * How long a target may be silent before the system probes whether it is still there. Without a
 * delay of its own, a socket waits for that of the system, two hours with Linux. Within minutes,
 * routers with address translation forget a connection without packets.
 */
export const KEEP_ALIVE_DELAY_MS = 60_000;

/** The gateway's own codes, in addition to the system's. */
const DENIED = 'DENIED';
const UNRESOLVED = 'UNRESOLVED';

/** A connection, or the reason why there is none, as a text for the user. */
export type Dialled<Connection> =
  | { readonly connection: Connection; readonly refusal?: never }
  | { readonly refusal: string; readonly connection?: never };

export interface TargetDiallerOptions {
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
  /** For one address while others remain. */
  readonly attemptTimeoutMs?: number;
}

/** Connects to the targets that the gateway's lists permit. */
export class TargetDialler {
  private readonly policy: TargetPolicy;
  private readonly resolve: Resolve;
  private readonly timeoutMs: number;
  private readonly attemptTimeoutMs: number;

  constructor(lists: TargetLists, options: TargetDiallerOptions = {}) {
    this.resolve = options.resolve ?? resolveHost;
    this.timeoutMs = options.timeoutMs ?? DIAL_TIMEOUT_MS;
    this.attemptTimeoutMs = options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS;
    this.policy = new TargetPolicy(lists, this.resolve);
  }

  /**
   * Resolves the name once and connects only to permitted addresses of the result, so a name that
   * resolves differently a moment later cannot bypass the decision.
   *
   * @param signal aborts the attempt; a connection that is established too late is closed
   */
  async dial(target: Target, signal: AbortSignal): Promise<Dialled<Socket>> {
    const deadline = new AbortController();
    const abort = (): void => deadline.abort();
    const timer = setTimeout(abort, this.timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await this.dialUntil(deadline.signal, target);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  private async dialUntil(signal: AbortSignal, target: Target): Promise<Dialled<Socket>> {
    const resolved = await abandonable(this.permitted(target), signal);
    if (resolved === undefined) return { refusal: failureText(UNRESOLVED, target) };
    const { addresses, permitted } = resolved;
    if (addresses.length === 0) return { refusal: failureText('ENOTFOUND', target) };
    if (permitted.length === 0) return { refusal: failureText(DENIED, target) };
    return dialAddresses(permitted, target, this.attemptTimeoutMs, signal);
  }

  /** Names in the lists are also resolved within the same deadline. */
  private async permitted(target: Target): Promise<{ addresses: string[]; permitted: string[] }> {
    const addresses = await this.resolve(target.host).catch(() => []);
    const decisions = await Promise.all(
      addresses.map(address => this.policy.permits(target, address)),
    );
    return { addresses, permitted: addresses.filter((_, index) => decisions[index]) };
  }
}

/** Node tries the addresses one after another, alternating between families (RFC 8305). */
function dialAddresses(
  addresses: readonly string[],
  target: Target,
  attemptTimeoutMs: number,
  signal: AbortSignal,
): Promise<Dialled<Socket>> {
  return new Promise(resolve => {
    const found = addresses.map(address => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const socket = connectReusingBuffer({
      // Node only looks up a name with several addresses, and the lookup returns only these.
      host: addresses.length === 1 ? scoped(addresses[0]!, target) : target.host,
      lookup: (_host, _options, answer) => answer(null, found),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
      port: target.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      allowHalfOpen: true,
    });
    let refusal: string | undefined;
    const note = (code: string, address?: string): void => {
      refusal ??= failureText(code, target, address);
    };
    const end = (): void => {
      signal.removeEventListener('abort', end);
      socket.destroy();
      resolve({ refusal: refusal ?? failureText('ETIMEDOUT', target, addresses[0]) });
    };
    const onError = (cause: NodeJS.ErrnoException & { address?: string }): void => {
      note(cause.code ?? cause.message, cause.address ?? addresses[0]);
      end();
    };
    socket.on('connectionAttemptFailed', (address, _port, _family, cause) =>
      note((cause as NodeJS.ErrnoException).code ?? cause.message, address),
    );
    socket.on('connectionAttemptTimeout', address => note('ETIMEDOUT', address));
    socket.on('error', onError);
    socket.once('connect', () => {
      signal.removeEventListener('abort', end);
      socket.off('error', onError);
      // After a reset, the tunnel will find the socket closed.
      socket.on('error', () => socket.destroy());
      resolve({ connection: socket });
    });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function scoped(address: string, { zone }: Target): string {
  return zone === undefined ? address : `${address}%${zone}`;
}

/**
 * Why a target could not be reached, as a text for the user.
 *
 * @param code the system's error code
 * @param address the address that was dialled, if the target is a name
 */
function failureText(code: string, target: Target, address?: string): string {
  const where = describeTarget(target, address);
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused by ${where}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return `no route to ${where}`;
    case 'EHOSTDOWN':
      return `${where} is down`;
    case 'ETIMEDOUT':
      return `no answer from ${where} in time`;
    case 'ECONNRESET':
      return `connection reset by ${where}`;
    case 'EACCES':
    case 'EPERM':
      return `the gateway's operating system does not permit connections to ${where}`;
    case 'EMFILE':
    case 'ENFILE':
      return 'the gateway has too many connections open';
    case 'ENOTFOUND':
      return `cannot resolve host name ${target.host}`;
    case UNRESOLVED:
      return `cannot resolve host name ${target.host}: the DNS server did not answer in time`;
    case DENIED:
      return `target ${where} is denied by this gateway's configuration (ALLOW_TARGETS, DENY_TARGETS)`;
    default:
      return `cannot connect to ${where}: ${code}`;
  }
}

/** The resolver's error codes for names that do not exist or have no address. */
const NO_ADDRESS = ['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA', 'EAI_ADDRFAMILY'];

/**
 * The addresses of a host in canonical form, in the system's order of preference.
 * @returns an empty list if the name has none; rejects if the resolver could not determine them
 */
async function resolveHost(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => canonicalAddress(address) ?? address))];
  } catch (cause) {
    if (NO_ADDRESS.includes((cause as NodeJS.ErrnoException).code ?? '')) return [];
    throw cause;
  }
}

/** @returns `undefined` if the signal is aborted first */
function abandonable<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => resolve(undefined);
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
