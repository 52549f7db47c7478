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
import { KeyedQueue } from '../concurrency/keyed-queue';
import { Cumulocity } from '../platform/cumulocity';
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

export type ListListener = (tenant: TenantId, deviceId: DeviceId) => void;

/**
 * Writes lists of endpoints; nothing else may. A list is part of the gateway's managed object and
 * is written as the service user. Changes to one list run one after the other, because the platform
 * has no conditional PUT.
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
   * Calls the listener after each write.
   * @returns removes the listener
   */
  listen(listener: ListListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param change is called with the current list and gateway once earlier changes are done */
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
