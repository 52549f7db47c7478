import { connect, isIPv6, type Socket } from 'node:net';
import { dialReason, DENIED } from './dial-reason';
import { resolveHost } from './resolve-host';
import type { Target } from './target';
import { TargetPolicy, type Resolve, type TargetLists } from './target-policy';

/** Long enough for a lost first packet on a slow line, short of what clients wait for the gateway. */
export const DIAL_TIMEOUT_MS = 10_000;

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
    let refusal = '';
    for (const address of permitted) {
      const outcome = await dialAddress(address, target, ends);
      if (outcome.connection) return outcome;
      refusal ||= outcome.refusal;
    }
    return { refusal };
  }
}

function dialAddress(
  address: string,
  target: Target,
  signal: AbortSignal,
): Promise<Dialled<Socket>> {
  return new Promise(resolve => {
    const socket = connect({
      host: address,
      port: target.port,
      family: isIPv6(address) ? 6 : 4,
      noDelay: true,
      keepAlive: true,
      allowHalfOpen: true,
    });
    const fail = (code: string): void => {
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve({ refusal: dialReason(code, target, address) });
    };
    const giveUp = (): void => fail('ETIMEDOUT');
    const onError = (cause: NodeJS.ErrnoException): void => fail(cause.code ?? cause.message);
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
