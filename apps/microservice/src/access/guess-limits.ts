import { type Refusal, RemoteAccessError } from '@remote-access/contracts';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { Settings } from '../settings/settings';
import { clientAddress } from '../settings/trusted-proxies';

/** Failures of one user name before it is locked; normal use stays far below. */
const FAILURES_PER_NAME = 10;

/** Failures from one address before it is locked; a whole site may share one address. */
const FAILURES_PER_ADDRESS = 100;

const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 15 * 60_000;

/**
 * Failures, and with them the length of the next lock, are forgotten after this time without
 * another failure.
 */
const FORGET_MS = 60 * 60_000;

/**
 * The maximum number of names and addresses that are tracked, and of credentials known to be good;
 * the oldest are dropped first.
 */
const MAX_ENTRIES = 10_000;

/** Recent failures of one user name or address. */
interface Suspicion {
  failures: number;
  lastAtMs: number;
  lockMs: number;
  lockedUntilMs: number;
  /** How often each credential is being checked right now. */
  readonly pending: Map<string, number>;
}

/** Reports the outcome of a sign-in that the platform was asked about. Call it exactly once. */
export type SignInAttempt = (outcome: 'good' | 'bad' | 'unknown') => void;

/**
 * Limits guessing of credentials over REST and WebSockets together, before the platform is asked:
 * per claimed user name and per client address. After too many failures, attempts are refused
 * unchecked for a while; each further lock lasts twice as long.
 *
 * Credentials that the platform has accepted once are never refused here, so attempts by others
 * under the same name cannot lock out a signed-in user. Checks in progress count as failures, so
 * sending guesses in parallel gains nothing.
 */
export class FailedSignIns {
  private readonly names = new Map<string, Suspicion>();
  private readonly addresses = new Map<string, Suspicion>();
  private readonly good = new Map<string, true>();

  constructor(
    private readonly settings: Pick<Settings, 'trustedProxies'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @returns `too-many-requests` while the name or the address is locked */
  begin(credentials: CallerCredentials): SignInAttempt | Refusal {
    const { fingerprint } = credentials;
    if (this.good.has(fingerprint)) {
      remember(this.good, fingerprint, true);
      return () => undefined;
    }
    const name = this.suspicion(this.names, credentials.claimedName);
    const address = clientAddress(credentials.sentFrom, this.settings);
    const site = address === undefined ? undefined : this.suspicion(this.addresses, address);
    const waitMs = Math.max(
      this.waitMs(name, fingerprint, FAILURES_PER_NAME),
      site ? this.waitMs(site, fingerprint, FAILURES_PER_ADDRESS) : 0,
    );
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1_000);
      const detail = `Too many failed sign-ins. Try again in ${seconds} s.`;
      return new RemoteAccessError('too-many-requests', { detail });
    }
    const watched = site ? [name, site] : [name];
    for (const one of watched) one.pending.set(fingerprint, pendingOf(one, fingerprint) + 1);
    return outcome => {
      for (const one of watched) {
        const left = pendingOf(one, fingerprint) - 1;
        if (left > 0) one.pending.set(fingerprint, left);
        else one.pending.delete(fingerprint);
      }
      if (outcome === 'good') {
        remember(this.good, fingerprint, true);
        name.failures = 0;
      } else if (outcome === 'bad') {
        this.count(name, FAILURES_PER_NAME);
        if (site) this.count(site, FAILURES_PER_ADDRESS);
      }
    };
  }

  private suspicion(all: Map<string, Suspicion>, key: string): Suspicion {
    const known = all.get(key);
    const current =
      known && (known.pending.size > 0 || this.now() - known.lastAtMs < FORGET_MS)
        ? known
        : { failures: 0, lastAtMs: this.now(), lockMs: 0, lockedUntilMs: 0, pending: new Map() };
    remember(all, key, current);
    return current;
  }

  /** Time until credentials are checked again, in ms; 0 if they are checked now. */
  private waitMs(one: Suspicion, fingerprint: string, limit: number): number {
    const locked = one.lockedUntilMs - this.now();
    if (locked > 0) return locked;
    const others = one.pending.size - (one.pending.has(fingerprint) ? 1 : 0);
    return one.failures + others >= limit ? FIRST_LOCK_MS : 0;
  }

  private count(one: Suspicion, limit: number): void {
    one.failures += 1;
    one.lastAtMs = this.now();
    if (one.failures < limit) return;
    one.lockMs = Math.min(LONGEST_LOCK_MS, one.lockMs === 0 ? FIRST_LOCK_MS : 2 * one.lockMs);
    one.lockedUntilMs = this.now() + one.lockMs;
    // One more failure after the lock expires locks it again.
    one.failures = limit - 1;
  }
}

/** Wrong keys allowed per name within {@link WINDOW_MS}; agents stay far below. */
const MAX_FAILURES = 10;

const WINDOW_MS = 60_000;

interface Failures {
  count: number;
  readonly since: number;
}

/**
 * Limits guessing of connection keys: counts failures per name. It is consulted only after a check has failed, so that failed attempts
 * by others under the same name lock nobody out.
 */
export class AttemptLimit {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Counts one failure. @returns whether the limit is exceeded */
  failed(name: string): boolean {
    const known = this.failures.get(name);
    const recent = known && this.now() - known.since < WINDOW_MS ? known : undefined;
    const entry = recent ?? { count: 0, since: this.now() };
    entry.count += 1;
    remember(this.failures, name, entry);
    return entry.count > MAX_FAILURES;
  }
}

function pendingOf({ pending }: Suspicion, fingerprint: string): number {
  return pending.get(fingerprint) ?? 0;
}

/** Moves an entry to the end, and drops the first one if there are too many. */
function remember<Value>(all: Map<string, Value>, key: string, value: Value): void {
  all.delete(key);
  all.set(key, value);
  if (all.size <= MAX_ENTRIES) return;
  const [oldest] = all.keys();
  all.delete(oldest!);
}
