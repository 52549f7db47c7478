import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  type DeviceId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import type { CallerIdentity } from '../access/caller';
import { Gateway } from '../access/gateway';
import { AuditTrail } from '../audit/audit-trail';
import { type Cluster, CLUSTER, type Lease } from '../cluster/cluster';
import { KeyedQueue } from '../concurrency/keyed-queue';
import { Cumulocity } from '../platform/cumulocity';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { EndpointList } from './endpoint-list';

/** The audit record of one change. */
export interface ChangeRecord {
  readonly activity: string;
  readonly text: string;
}

/** The outcome of a change to a list. */
export interface ListChange<Result> {
  /** The list to write; `undefined` if nothing changed. */
  readonly list: EndpointList | undefined;
  readonly records: readonly ChangeRecord[];
  readonly result: Result;
}

type Change<Result> = (
  list: EndpointList,
  gateway: Gateway,
) => ListChange<Result> | Refusal | Promise<ListChange<Result> | Refusal>;

/**
 * Identifies the last write of a list and the state it was based on. Only used with several
 * replicas.
 */
interface Revision {
  readonly id: string;
  readonly previous?: string;
}

/** Each retry means that another writer ignored the lease, so more attempts would not help. */
const MAX_ATTEMPTS = 3;

const LOST_LEASE =
  'The endpoints were not changed: this replica of the service was stopped for a while, and another ' +
  'one may be changing them. Try again.';

export type ListListener = (tenant: TenantId, deviceId: DeviceId) => void;

/**
 * Writes lists of endpoints; nothing else may. A list is part of the gateway's managed object and
 * is written as the service user. Changes to one list are made one after another, because the
 * platform has no conditional PUT.
 */
@Injectable()
export class EndpointListWriter {
  private readonly queue = new KeyedQueue();
  private readonly listeners = new Set<ListListener>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly audit: AuditTrail,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {}

  /**
   * Calls the listener after each write.
   * @returns a function that removes the listener
   */
  listen(listener: ListListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * @param change is called with the current list and gateway once earlier changes are done, and
   *   again if another writer has overwritten the result
   * @returns `cluster-unavailable` if other replicas cannot be locked out
   */
  change<Result>(
    { tenant, userName }: CallerIdentity,
    deviceId: DeviceId,
    change: Change<Result>,
  ): Promise<Result | Refusal> {
    const name = `${tenant}/${deviceId}`;
    return this.inTurn(name, async () => {
      const changed = await this.cluster.withLease(`endpoints/${name}`, async lease => {
        for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
          const done = await this.attempt(tenant, deviceId, change, lease);
          if (done !== 'overwritten') return done;
        }
        return new RemoteAccessError('conflict');
      });
      if (isRefusal(changed)) return changed;
      const { list, records, result } = changed;
      if (list) for (const listener of this.listeners) listener(tenant, deviceId);
      for (const record of records) {
        const entry = { type: 'Inventory', sourceId: deviceId, user: userName } as const;
        await this.audit.record(tenant, { ...entry, ...record });
      }
      return result;
    });
  }

  /**
   * Why nothing can be changed at the moment. Ask before the platform is asked, which may take
   * longer than callers wait.
   */
  refusal(): Refusal | undefined {
    return this.cluster.leaseRefusal();
  }

  /** Leases have their own queue, and limit how long waiting in it may take. */
  private inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    return this.cluster.isOn ? work() : this.queue.run(name, work);
  }

  /**
   * Reads, changes and writes. With several replicas it checks the lease just before writing, and
   * reads back afterwards whose revision was stored: the platform has no conditional PUT.
   */
  private async attempt<Result>(
    tenant: TenantId,
    deviceId: DeviceId,
    change: Change<Result>,
    lease: Lease,
  ): Promise<ListChange<Result> | Refusal | 'overwritten'> {
    const platform = this.cumulocity.asService(tenant);
    const managedObject = await platform.managedObject(deviceId);
    if (!managedObject) return new RemoteAccessError('device-not-found');
    const changed = await change(EndpointList.of(managedObject), new Gateway(managedObject));
    if (isRefusal(changed) || !changed.list) return changed;
    const fragments = changed.list.fragments();
    if (!this.cluster.isOn) {
      await platform.updateManagedObject(deviceId, fragments);
      return changed;
    }
    const id = randomUUID();
    const previous = revisionOf(managedObject)?.id;
    if (!lease.isHeld) return new RemoteAccessError('cluster-unavailable', { detail: LOST_LEASE });
    const revision: Revision = { id, ...(previous !== undefined && { previous }) };
    await platform.updateManagedObject(deviceId, { ...fragments, [FRAGMENTS.revision]: revision });
    const now = await platform.managedObject(deviceId);
    const found = now && revisionOf(now);
    return found?.id === id || found?.previous === id ? changed : 'overwritten';
  }
}

function revisionOf(managedObject: ManagedObject): Revision | undefined {
  const found = managedObject[FRAGMENTS.revision];
  if (typeof found !== 'object' || found === null) return undefined;
  const { id, previous } = found as Partial<Record<string, unknown>>;
  if (typeof id !== 'string') return undefined;
  return typeof previous === 'string' ? { id, previous } : { id };
}
