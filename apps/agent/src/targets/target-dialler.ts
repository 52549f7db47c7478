import { lookup } from 'node:dns/promises';
import { connect, isIP, isIPv6, type Socket } from 'node:net';
import { canonicalAddress } from './ip-address';
import { describeTarget, type Target } from './target';
import { TargetPolicy, type Resolve, type TargetLists } from './target-policy';

/** Long enough for a lost first packet on a slow line, short of what clients wait for the gateway. */
export const DIAL_TIMEOUT_MS = 10_000;

/** One address may take this long while there are others: a lost first packet is sent again after 1 s. */
const ATTEMPT_TIMEOUT_MS = 2_500;

/** Not the system's code but the gateway's own. */
const DENIED = 'DENIED';

/** Either a connection or, as a sentence, why there is none. */
export type Dialled<Connection> =
  | { readonly connection: Connection; readonly refusal?: never }
  | { readonly refusal: string; readonly connection?: never };

export interface TargetDiallerOptions {
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
}

/** Connects to targets, those that the gateway's lists permit. */
export class TargetDialler {
  private readonly policy: TargetPolicy;
  private readonly resolve: Resolve;
  private readonly timeoutMs: number;

  constructor(lists: TargetLists, options: TargetDiallerOptions = {}) {
    this.resolve = options.resolve ?? resolveHost;
    this.timeoutMs = options.timeoutMs ?? DIAL_TIMEOUT_MS;
    this.policy = new TargetPolicy(lists, this.resolve);
  }

  /**
   * Resolves once and dials the addresses that came out, the first that answers. A name that points
   * elsewhere a moment later changes nothing any more.
   *
   * @param signal gives up; a connection that comes too late is closed
   */
  async dial(target: Target, signal: AbortSignal): Promise<Dialled<Socket>> {
    const deadline = new AbortController();
    const giveUp = (): void => deadline.abort();
    const timer = setTimeout(giveUp, this.timeoutMs);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      return await this.dialWithin(target, deadline.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }

  private async dialWithin(target: Target, ends: AbortSignal): Promise<Dialled<Socket>> {
    const addresses = await abandonable(this.resolve(target.host), ends);
    if (addresses === undefined) return { refusal: dialReason('ETIMEDOUT', target) };
    if (addresses.length === 0) return { refusal: dialReason('ENOTFOUND', target) };
    const permitted: string[] = [];
    for (const address of addresses) {
      if (await this.policy.permits(target, address)) permitted.push(address);
    }
    if (permitted.length === 0) return { refusal: dialReason(DENIED, target) };
    return dialAddresses(permitted, target, ends);
  }
}

/** Node tries the addresses one after the other, in turns of both families (RFC 8305). */
function dialAddresses(
  addresses: readonly string[],
  target: Target,
  signal: AbortSignal,
): Promise<Dialled<Socket>> {
  return new Promise(resolve => {
    const found = addresses.map(address => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const socket = connect({
      // Only a name with several addresses is looked up, and only these are found.
      host: addresses.length === 1 ? addresses[0]! : target.host,
      lookup: (_host, _options, answer) => answer(null, found),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS,
      port: target.port,
      noDelay: true,
      keepAlive: true,
      allowHalfOpen: true,
    });
    let refusal: string | undefined;
    const failed = (code: string, address?: string): void => {
      refusal ??= dialReason(code, target, address);
    };
    const end = (): void => {
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve({ refusal: refusal ?? dialReason('ETIMEDOUT', target, addresses[0]) });
    };
    const giveUp = (): void => end();
    const onError = (cause: NodeJS.ErrnoException & { address?: string }): void => {
      failed(cause.code ?? cause.message, cause.address ?? addresses[0]);
      end();
    };
    socket.on('connectionAttemptFailed', (address, _port, _family, cause) =>
      failed((cause as NodeJS.ErrnoException).code ?? cause.message, address),
    );
    socket.on('connectionAttemptTimeout', address => failed('ETIMEDOUT', address));
    socket.once('error', onError);
    socket.once('connect', () => {
      signal.removeEventListener('abort', giveUp);
      socket.off('error', onError);
      // A reset before the tunnel has taken over ends in `close`, which the tunnel looks at.
      socket.on('error', () => socket.destroy());
      resolve({ connection: socket });
    });
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

/**
 * Why a target could not be connected, for the person who wanted it.
 *
 * @param code of the system
 * @param address the one that was dialled, where the target is a name
 */
function dialReason(code: string, target: Target, address?: string): string {
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
      return `the gateway's own system does not let it connect to ${where}`;
    case 'EMFILE':
    case 'ENFILE':
      return 'the gateway has too many connections open';
    case 'ENOTFOUND':
      return `cannot resolve host name ${target.host}`;
    case DENIED:
      return `target ${where} is denied by this gateway's configuration`;
    default:
      return `cannot connect to ${where}: ${code}`;
  }
}

/**
 * The addresses of a host in canonical form, in the order in which the system would try them.
 * @returns none where the name has none
 */
async function resolveHost(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => canonicalAddress(address) ?? address))];
  } catch (cause) {
    // The resolver says in many codes that it has no address to give.
    if ((cause as NodeJS.ErrnoException).syscall === 'getaddrinfo') return [];
    throw cause;
  }
}

/** @returns `undefined` when the signal came first */
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
