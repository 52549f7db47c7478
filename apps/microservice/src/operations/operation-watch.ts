import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { DeviceId, OperationId, TenantId } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import { Cumulocity } from '../platform/cumulocity';
import { TenantChannels } from '../platform/tenant-channels';

/**
 * How often an operation is read even without real-time notifications, because messages and
 * connections can be lost.
 */
const POLL_PERIOD_MS = 2_000;

export type OperationListener = (operation: Operation) => void;

interface WatchTools {
  readonly read: () => Promise<Operation | undefined>;
  /** Calls back when something may have happened. @returns a function that unsubscribes */
  readonly onNews: (look: () => void) => () => void;
  readonly onFailure: (cause: unknown) => void;
  readonly listener: OperationListener;
}

/** Watches operations on the platform, as the tenant's service user. */
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
   * Calls the listener with the current operation, and again whenever its status or failure reason
   * changes, until it is SUCCESSFUL or FAILED, which is final.
   * @returns a function that ends the watch; the listener is not called afterwards
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

/** Reads one operation when it may have changed, and reports changes. */
export class WatchedOperation {
  private over = false;
  private looking = false;
  private lookAgain = false;
  private seen = '';
  private timer: NodeJS.Timeout | undefined;
  private stopNews = (): void => undefined;
  private ended = (): void => undefined;

  constructor(private readonly tools: WatchTools) {}

  /** @param ended called once, at the end of the watch */
  start(ended: () => void): void {
    this.ended = ended;
    this.stopNews = this.tools.onNews(() => void this.look());
    void this.look();
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.stopNews();
    this.ended();
  }

  /** One read at a time; a change signalled during a read causes another read afterwards. */
  private async look(): Promise<void> {
    if (this.looking) {
      this.lookAgain = true;
      return;
    }
    this.looking = true;
    clearTimeout(this.timer);
    do {
      this.lookAgain = false;
      await this.readOnce();
    } while (this.lookAgain && !this.over);
    this.looking = false;
    if (!this.over) this.timer = setTimeout(() => void this.look(), POLL_PERIOD_MS);
  }

  private async readOnce(): Promise<void> {
    try {
      const operation = await this.tools.read();
      if (this.over || !operation) return;
      const { status, failureReason } = operation;
      const state = JSON.stringify([status, failureReason]);
      if (state === this.seen) return;
      this.seen = state;
      if (status === 'SUCCESSFUL' || status === 'FAILED') this.end();
      this.tools.listener(operation);
    } catch (cause) {
      if (!this.over) this.tools.onFailure(cause);
    }
  }
}
