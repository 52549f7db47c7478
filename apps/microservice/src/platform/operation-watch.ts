import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { DeviceId, OperationId, TenantId } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { Log } from '../observe/log';
import { Cumulocity } from './cumulocity';

/**
 * How often a watched operation is read. Operations are watched only while a gateway is waited
 * for, tens of seconds; docs/decisions/0003-operations-are-polled.md.
 */
const POLL_PERIOD_MS = 500;

export type OperationListener = (operation: Operation) => void;

/** Tells when an operation changes at the platform, as the tenant's service user sees it. */
@Injectable()
export class OperationWatch implements OnModuleDestroy {
  private readonly ends = new Set<() => void>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  onModuleDestroy(): void {
    for (const end of [...this.ends]) end();
  }

  /**
   * Calls the listener with the operation now and whenever its status or failure reason changes.
   * @returns ends it; the listener is not called afterwards
   */
  watch(
    tenant: TenantId,
    operationId: OperationId,
    _deviceId: DeviceId,
    listener: OperationListener,
  ): () => void {
    const platform = this.cumulocity.asService(tenant);
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    let seen = '';

    const look = async (): Promise<void> => {
      try {
        const operation = await platform.operation(operationId);
        const state = `${operation?.status} ${operation?.failureReason}`;
        if (over || !operation || state === seen) return;
        seen = state;
        listener(operation);
      } catch (cause) {
        if (!over) this.log.warn('A watched operation could not be read', { tenant, cause });
      } finally {
        if (!over) timer = setTimeout(() => void look(), POLL_PERIOD_MS);
      }
    };
    const end = (): void => {
      over = true;
      clearTimeout(timer);
      this.ends.delete(end);
    };
    this.ends.add(end);
    void look();
    return end;
  }
}
