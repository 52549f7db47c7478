import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { DeviceId, OperationId, TenantId } from '@remote-access/contracts';
import { Log } from '../logging/log';
import { Cumulocity } from './cumulocity';
import { TenantChannels } from './tenant-channels';
import { WatchedOperation, type OperationListener } from './watched-operation';

/** Tells when an operation changes at the platform, as the tenant's service user sees it. */
@Injectable()
export class OperationWatch implements OnModuleDestroy {
  private readonly watched = new Set<WatchedOperation>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly channels: TenantChannels,
    private readonly log: Log,
  ) {}

  onModuleDestroy(): void {
    for (const operation of this.watched) operation.end();
  }

  /**
   * Calls the listener with the operation as it stands, and then whenever its status or failure
   * reason changes, until it is SUCCESSFUL or FAILED: the platform changes it no more.
   * @returns ends it; the listener is not called afterwards
   */
  watch(
    tenant: TenantId,
    operationId: OperationId,
    deviceId: DeviceId,
    listener: OperationListener,
  ): () => void {
    const platform = this.cumulocity.asService(tenant);
    const watched = new WatchedOperation({
      read: () => platform.operation(operationId),
      onNews: look => this.channels.listen(tenant, `/operations/${deviceId}`, look),
      onFailure: cause => {
        this.log.warn('A watched operation could not be read', { tenant, operationId, cause });
      },
      listener,
    });
    this.watched.add(watched);
    watched.start(() => this.watched.delete(watched));
    return () => watched.end();
  }
}
