import { type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { KeyedQueue } from '../concurrency/keyed-queue';
import type { Lease, ReplicaId } from './cluster';
import type { Membership } from './membership';

/** How long a lease is valid; work that takes longer must not write. */
const LEASE_MS = 15_000;

/** How long to wait for those, here and elsewhere, that hold the lease or requested it earlier. */
const WAIT_MS = 10_000;

const UNREACHABLE =
  'Endpoints cannot be changed at the moment, because the replicas of the service cannot agree on ' +
  'an order. Try again in a moment.';

export interface LeaseRequest {
  readonly name: string;
  /** The requester's logical time (Lamport); its id breaks ties. */
  readonly time: number;
  readonly id: ReplicaId;
}

interface Claim {
  readonly time: number;
  /** Requests to answer when the lease is released. */
  readonly deferred: (() => void)[];
}

/**
 * Mutual exclusion between replicas with the algorithm of Ricart and Agrawala: to hold a lease, a
 * replica needs a grant from every other one. A replica that wants the lease as well grants at once
 * if the other's request is earlier, otherwise when its own work is done.
 */
export class Leases {
  private readonly queue = new KeyedQueue();
  private readonly claims = new Map<string, Claim>();
  private time = 0;

  constructor(
    private readonly self: ReplicaId,
    private readonly membership: Membership,
    private readonly ask: (replica: ReplicaId, request: LeaseRequest) => Promise<unknown>,
  ) {}

  /** Why no lease can be had, as far as is known without asking anybody. */
  refusal(): Refusal | undefined {
    return this.membership.isSettled ? undefined : unavailable();
  }

  /** @returns `cluster-unavailable` without running the work if the others cannot be asked */
  run<Result>(name: string, work: (lease: Lease) => Promise<Result>): Promise<Result | Refusal> {
    const calledAtMs = performance.now();
    return this.queue.run(name, async () => {
      // If those before it have waited in vain, it must not wait once more: its caller gives up.
      const isLate = performance.now() - calledAtMs >= WAIT_MS;
      if (isLate || this.refusal()) return unavailable();
      this.time += 1;
      const claim: Claim = { time: this.time, deferred: [] };
      this.claims.set(name, claim);
      try {
        const { membership } = this;
        const requestedAtMs = performance.now();
        const isGranted = await this.grants({ name, time: claim.time, id: this.self });
        // A replica that was gone in the meantime, for example suspended, has lost its lease, even
        // if the broker delivers its heartbeats again.
        const isMember = (): boolean => membership.wasReachableSince(requestedAtMs);
        if (!isGranted || !isMember()) return unavailable();
        const grantedAtMs = performance.now();
        return await work({
          get isHeld() {
            return isMember() && performance.now() - grantedAtMs < LEASE_MS;
          },
        });
      } finally {
        this.claims.delete(name);
        for (const grant of claim.deferred) grant();
      }
    });
  }

  /** Resolves when the requester may have the lease, as far as this replica is concerned. */
  grant({ name, time, id }: LeaseRequest): Promise<true> {
    this.time = Math.max(this.time, time);
    const claim = this.claims.get(name);
    const isBefore = claim && (claim.time < time || (claim.time === time && this.self < id));
    if (!isBefore) return Promise.resolve(true);
    return new Promise(resolve => claim.deferred.push(() => resolve(true)));
  }

  private async grants(request: LeaseRequest): Promise<boolean> {
    const grants = this.membership.list().map(({ id }) => this.grantOf(id, request));
    const answers = await Promise.all(grants);
    return answers.every(Boolean);
  }

  /** A replica that is gone need not be asked. */
  private grantOf(replica: ReplicaId, request: LeaseRequest): Promise<boolean> {
    return new Promise(resolve => {
      const settle = (isGranted: boolean): void => {
        clearTimeout(timer);
        stopWatch();
        resolve(isGranted);
      };
      const timer = setTimeout(() => settle(false), WAIT_MS);
      const stopWatch = this.membership.whenGone(id => id === replica && settle(true));
      this.ask(replica, request).then(
        () => settle(true),
        // It may have just died, in which case the membership reports that.
        () => {
          if (!this.membership.find(replica)) settle(true);
        },
      );
    });
  }
}

function unavailable(): Refusal {
  return new RemoteAccessError('cluster-unavailable', { detail: UNREACHABLE });
}
