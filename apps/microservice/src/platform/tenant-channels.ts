import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { BayeuxChannels, BayeuxError } from '@remote-access/bayeux';
import type { TenantId } from '@remote-access/contracts';
import { Log } from '../logging/log';
import { Cumulocity } from './cumulocity';

/** The platform's real-time notifications: one connection per tenant, as its service user. */
@Injectable()
export class TenantChannels implements OnModuleDestroy {
  private readonly channels = new Map<TenantId, BayeuxChannels>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  onModuleDestroy(): void {
    for (const channels of this.channels.values()) channels.close();
  }

  /**
   * Calls the listener when something happens on a channel such as `/managedobjects/4711`, and when
   * the subscription begins; see BayeuxChannels.
   * @returns a function that unsubscribes
   */
  listen(tenant: TenantId, channel: string, listener: () => void): () => void {
    return this.of(tenant).listen(channel, listener);
  }

  private of(tenant: TenantId): BayeuxChannels {
    const known = this.channels.get(tenant);
    if (known) return known;
    const channels = new BayeuxChannels({
      access: () => this.cumulocity.realtime(tenant),
      onProblem: cause => this.report(cause),
    });
    this.channels.set(tenant, channels);
    return channels;
  }

  private report(cause: unknown): void {
    if (cause instanceof BayeuxError) {
      const { channel, subscription, error } = cause.answer ?? {};
      this.log.warn('Real time was refused', { channel, subscription, error });
    } else {
      this.log.debug('Real time broke', { cause });
    }
  }
}
