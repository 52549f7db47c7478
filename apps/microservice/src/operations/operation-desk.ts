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

/** Creates the operations that ask gateways to dial back, and finishes those nobody took. */
@Injectable()
export class OperationDesk implements OnModuleDestroy {
  private readonly reminders = new Set<NodeJS.Timeout>();
  /** Created here and not finished with. */
  private readonly own = new Set<OperationId>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  /**
   * In the name of the caller: the platform's permissions on single devices decide. It is created
   * also for a gateway that seems offline, as availability is a hint and no decision.
   * @throws RemoteAccessError `forbidden`, `device-not-found`, `platform-…`
   */
  async create(
    credentials: CallerCredentials,
    deviceId: DeviceId,
    connect: RemoteAccessConnect,
  ): Promise<OperationId> {
    const operation = await this.cumulocity.as(credentials).createOperation({
      deviceId,
      description: CONNECT_DESCRIPTION,
      [FRAGMENTS.connect]: connect,
    });
    this.own.add(operation.id);
    return operation.id;
  }

  /** Whether something in this process still minds an operation. */
  minds(id: OperationId): boolean {
    return this.own.has(id);
  }

  onModuleDestroy(): void {
    for (const reminder of this.reminders) clearTimeout(reminder);
  }

  /** The operation now; `undefined` when it is gone or the platform does not tell. */
  async read(tenant: TenantId, id: OperationId): Promise<Operation | undefined> {
    try {
      return await this.cumulocity.asService(tenant).operation(id);
    } catch (cause) {
      this.log.warn('An operation could not be read', { tenant, operationId: id, cause });
      return undefined;
    }
  }

  /**
   * Sets FAILED what is not finished yet, as the service user. Never fails: the session it
   * belongs to has ended already.
   */
  async failUnfinished(tenant: TenantId, id: OperationId, reason: string): Promise<void> {
    this.own.delete(id);
    const operation = await this.read(tenant, id);
    if (!operation || isFinished(operation)) return;
    try {
      const change = { status: 'FAILED', failureReason: reason } as const;
      await this.cumulocity.asService(tenant).updateOperation(id, change);
    } catch (cause) {
      this.log.error('An operation could not be set FAILED', { tenant, operationId: id, cause });
    }
  }

  /** The same after a while, for a gateway that may still report by itself. */
  failUnfinishedLater(tenant: TenantId, id: OperationId, reason: string, delayMs: number): void {
    const reminder = setTimeout(() => {
      this.reminders.delete(reminder);
      void this.failUnfinished(tenant, id, reason);
    }, delayMs);
    this.reminders.add(reminder);
  }
}

export function isFinished({ status }: Operation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}
