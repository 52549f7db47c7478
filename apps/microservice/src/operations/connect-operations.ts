import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { DeviceId, OperationId, TenantId } from '@remote-access/contracts';
import {
  CONNECT_DESCRIPTION,
  FRAGMENTS,
  type Operation,
  type RemoteAccessConnect,
} from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';

/**
 * Creates the operations that ask gateways to connect to the service, and finishes those that
 * nobody serves.
 */
@Injectable()
export class ConnectOperations implements OnModuleDestroy {
  private readonly timers = new Set<NodeJS.Timeout>();
  /** Created by this process and still in use. Ids are unique within a tenant only. */
  private readonly own = new Map<TenantId, Set<OperationId>>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  /**
   * Creates an operation on behalf of the caller, so that the platform's permissions on individual
   * devices apply. It is created even if the gateway appears to be offline: availability is only a
   * hint.
   * @throws RemoteAccessError `forbidden`, `device-not-found`, `platform-…`
   */
  async create(
    tenant: TenantId,
    credentials: CallerCredentials,
    deviceId: DeviceId,
    connect: RemoteAccessConnect,
  ): Promise<OperationId> {
    const operation = await this.cumulocity.as(credentials).createOperation({
      deviceId,
      description: CONNECT_DESCRIPTION,
      [FRAGMENTS.connect]: connect,
    });
    const own = this.own.get(tenant) ?? new Set();
    this.own.set(tenant, own.add(operation.id));
    return operation.id;
  }

  /** Whether this process still serves an operation. */
  isServing(tenant: TenantId, id: OperationId): boolean {
    return this.own.get(tenant)?.has(id) ?? false;
  }

  /** The tenants of which this process serves operations. */
  tenants(): TenantId[] {
    return [...this.own].flatMap(([tenant, ids]) => (ids.size > 0 ? [tenant] : []));
  }

  /** The operations of a tenant that this process serves. */
  operations(tenant: TenantId): OperationId[] {
    return [...(this.own.get(tenant) ?? [])];
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** @returns `undefined` if the operation is gone or the platform does not answer */
  async read(tenant: TenantId, id: OperationId): Promise<Operation | undefined> {
    try {
      return await this.cumulocity.asService(tenant).operation(id);
    } catch (cause) {
      this.log.warn('An operation could not be read', { tenant, operationId: id, cause });
      return undefined;
    }
  }

  /**
   * Sets an operation to FAILED unless it is finished, as the service user. Never rejects: the
   * session that it belongs to has already ended.
   */
  async failUnfinished(tenant: TenantId, id: OperationId, reason: string): Promise<void> {
    this.own.get(tenant)?.delete(id);
    const operation = await this.read(tenant, id);
    if (!operation || isFinished(operation)) return;
    try {
      const change = { status: 'FAILED', failureReason: reason } as const;
      await this.cumulocity.asService(tenant).updateOperation(id, change);
    } catch (cause) {
      this.log.error('An operation could not be set FAILED', { tenant, operationId: id, cause });
    }
  }

  /** The same after a delay, for a gateway that may still finish the operation itself. */
  failUnfinishedLater(tenant: TenantId, id: OperationId, reason: string, delayMs: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.failUnfinished(tenant, id, reason);
    }, delayMs);
    this.timers.add(timer);
  }
}

export function isFinished({ status }: Operation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}
