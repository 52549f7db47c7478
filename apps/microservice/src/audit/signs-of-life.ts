import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { OperationId, TenantId } from '@remote-access/contracts';
import { REPLICA_CATEGORY } from '@remote-access/contracts/platform';
import { Disposables } from '@remote-access/streams';
import { type Cluster, CLUSTER, type ReplicaId } from '../cluster/cluster';
import { Log } from '../logging/log';
import { Cumulocity } from '../platform/cumulocity';

/** Others act eight seconds after they heard from a replica the last time; it notices after three. */
const LOOK_PERIOD_MS = 1_000;

/** How often a sign is renewed. */
const RENEW_MS = 5_000;

/** An older sign is of a replica that has died; long enough for several attempts. */
const VALID_MS = 20_000;

/** What this replica serves. */
export interface Served {
  tenants(): readonly TenantId[];
  operations(tenant: TenantId): readonly OperationId[];
}

const NOTHING: Served = { tenants: () => [], operations: () => [] };

/**
 * A replica that reaches neither the broker nor the others looks like one that has died. As long as
 * that lasts, it says through the platform that it lives: in an option of each tenant whose
 * operations it serves. docs/decisions/0161-what-replicas-do-not-hear-in-time.md
 */
@Injectable()
export class SignsOfLife implements OnModuleInit, OnModuleDestroy {
  /** Set by whoever knows. */
  served = NOTHING;
  private readonly disposables = new Disposables();
  /** When the sign in each tenant was given. */
  private readonly given = new Map<TenantId, number>();
  private isLooking = false;

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {}

  onModuleInit(): void {
    if (this.cluster.isOn) this.disposables.interval(() => void this.look(), LOOK_PERIOD_MS);
  }

  onModuleDestroy(): void {
    this.disposables.dispose();
  }

  /**
   * The replicas that live, although they may reach no other one. Old signs are removed.
   * @throws RemoteAccessError if the platform does not answer
   */
  async in(tenant: TenantId): Promise<ReadonlySet<ReplicaId>> {
    if (!this.cluster.isOn) return new Set();
    const platform = this.cumulocity.asService(tenant);
    const signs = Object.entries(await platform.tenantOptions(REPLICA_CATEGORY));
    const now = this.cumulocity.now();
    const isValid = (time: string): boolean => Math.abs(now - Date.parse(time)) < VALID_MS;
    for (const [replica, time] of signs) if (!isValid(time)) await this.remove(tenant, replica);
    return new Set(signs.filter(([, time]) => isValid(time)).map(([replica]) => replica));
  }

  /** One request at a time, so that many tenants do not flood the platform. */
  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    if (this.cluster.isCutOff) await this.give();
    // The others know it again.
    else if (this.given.size > 0 && !this.cluster.leaseRefusal()) await this.takeBack();
    this.isLooking = false;
  }

  private async give(): Promise<void> {
    for (const tenant of this.served.tenants()) {
      const givenAtMs = this.given.get(tenant) ?? -Infinity;
      if (performance.now() - givenAtMs < RENEW_MS) continue;
      const sign = { [this.cluster.id!]: new Date(this.cumulocity.now()).toISOString() };
      try {
        await this.cumulocity.asService(tenant).updateTenantOptions(REPLICA_CATEGORY, sign);
        this.given.set(tenant, performance.now());
      } catch (cause) {
        this.log.warn('The other replicas may take this one for dead', { tenant, cause });
      }
    }
  }

  private async takeBack(): Promise<void> {
    for (const tenant of [...this.given.keys()]) {
      this.given.delete(tenant);
      await this.remove(tenant, this.cluster.id!);
    }
  }

  private async remove(tenant: TenantId, replica: ReplicaId): Promise<void> {
    try {
      await this.cumulocity.asService(tenant).removeTenantOption(REPLICA_CATEGORY, replica);
    } catch (cause) {
      // It is too old to count by then.
      this.log.warn('The sign of life of a replica could not be removed', { tenant, cause });
    }
  }
}
