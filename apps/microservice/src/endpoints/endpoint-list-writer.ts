import { Injectable } from '@nestjs/common';
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
import { Cumulocity } from '../platform/cumulocity';
import { EndpointList } from './endpoint-list';
import { KeyedQueue } from '../concurrency/keyed-queue';

/** How the audit log tells of one change. */
export interface ChangeRecord {
  readonly activity: string;
  readonly text: string;
}

/** What becomes of a list. */
export interface ListChange<Result> {
  /** `undefined` leaves it as it is. */
  readonly list: EndpointList | undefined;
  readonly records: readonly ChangeRecord[];
  readonly result: Result;
}

export type ListListener = (tenant: TenantId, deviceId: DeviceId) => void;

/**
 * The only one who writes lists of endpoints. They live on the gateway's managed object and are
 * written as the service user; writers of one list queue up, so that none overwrites what another
 * has just written.
 */
@Injectable()
export class EndpointListWriter {
  private readonly queue = new KeyedQueue();
  private readonly listeners = new Set<ListListener>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Tells of each list that has been written.
   * @returns ends it
   */
  listen(listener: ListListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param change gets the list as it stands when it is this writer's turn */
  change<Result>(
    { tenant, userName }: CallerIdentity,
    deviceId: DeviceId,
    change: (
      list: EndpointList,
      gateway: Gateway,
    ) => ListChange<Result> | Refusal | Promise<ListChange<Result> | Refusal>,
  ): Promise<Result | Refusal> {
    const platform = this.cumulocity.asService(tenant);
    return this.queue.run(`${tenant}/${deviceId}`, async () => {
      const managedObject = await platform.managedObject(deviceId);
      if (!managedObject) return new RemoteAccessError('device-not-found');
      const changed = await change(EndpointList.of(managedObject), new Gateway(managedObject));
      if (isRefusal(changed)) return changed;
      const { list, records, result } = changed;
      if (list) {
        await platform.updateManagedObject(deviceId, list.fragments());
        for (const listener of this.listeners) listener(tenant, deviceId);
      }
      for (const record of records) {
        const entry = { type: 'Inventory', sourceId: deviceId, user: userName } as const;
        await this.audit.record(tenant, { ...entry, ...record });
      }
      return result;
    });
  }
}
