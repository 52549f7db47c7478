import { ADDRCONFIG, type LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/**
 * More than the 5 s after which the system asks its second DNS server. Less than the 10 s after
 * which a call to the platform fails, so that the resolver is blamed and not the platform.
 */
const LOOKUP_TIMEOUT_MS = 8_000;

/** A name was not resolved in time. */
export class SlowResolverError extends Error {
  override readonly name = 'SlowResolverError';
}

export interface NameLookupOptions {
  readonly resolve?: (host: string) => Promise<LookupAddress[]>;
  readonly timeoutMs?: number;
}

/**
 * Resolves names within a deadline. Attempts to connect to one host share a lookup: the system
 * works on only a few at a time, and one that takes longer than the deadline helps the next attempt.
 */
export class NameLookup {
  private readonly running = new Map<string, Promise<LookupAddress[]>>();
  private readonly resolve: (host: string) => Promise<LookupAddress[]>;
  private readonly timeoutMs: number;

  constructor({ resolve = bySystem, timeoutMs = LOOKUP_TIMEOUT_MS }: NameLookupOptions = {}) {
    this.resolve = resolve;
    this.timeoutMs = timeoutMs;
  }

  /** For the options of a connection. */
  readonly lookup: LookupFunction = (host, { all }, done) => {
    this.addressesOf(host).then(
      addresses => {
        const { address, family } = addresses[0]!;
        if (all) done(null, addresses);
        else done(null, address, family);
      },
      (cause: unknown) => done(cause as NodeJS.ErrnoException, []),
    );
  };

  private async addressesOf(host: string): Promise<LookupAddress[]> {
    const seconds = Math.round(this.timeoutMs / 1_000);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = `the DNS server did not resolve ${host} within ${seconds} s`;
      timer = setTimeout(() => reject(new SlowResolverError(error)), this.timeoutMs);
    });
    try {
      return await Promise.race([this.shared(host), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private shared(host: string): Promise<LookupAddress[]> {
    const known = this.running.get(host);
    if (known) return known;
    const started = this.resolve(host).finally(() => this.running.delete(host));
    // If nobody waits for it any more.
    started.catch(() => undefined);
    this.running.set(host, started);
    return started;
  }
}

function bySystem(host: string): Promise<LookupAddress[]> {
  return systemLookup(host, { all: true, hints: ADDRCONFIG });
}
