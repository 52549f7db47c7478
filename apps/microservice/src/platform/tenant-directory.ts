import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { RemoteAccessError, type TenantId } from '@remote-access/contracts';
import { Log } from '../logging/log';
import { SETTINGS, type Settings } from '../settings/settings';
import { Cumulocity } from './cumulocity';
import { ServiceAccounts } from './service-accounts';

/** How often tenants that subscribed or left are looked for; the platform pushes no news. */
const POLL_PERIOD_MS = 10_000;

/** Until the first answer of the platform: it may be starting too. */
const FIRST_POLL_PERIOD_MS = 1_000;

/** An unknown tenant triggers a look at once, but a stranger must not make us flood the platform. */
const MIN_LOOK_GAP_MS = 1_000;

const NOT_TOLD_YET = 'The platform does not tell yet which tenants are subscribed.';

export interface TenantListener {
  subscribed?: (tenant: TenantId) => void;
  unsubscribed?: (tenant: TenantId) => void;
}

/** Knows which tenants are subscribed, from start to end of the process. */
@Injectable()
export class TenantDirectory implements OnModuleInit, OnModuleDestroy {
  private readonly listeners = new Set<TenantListener>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private lastLookAt = 0;
  private answered = false;
  private failing = false;
  private stopped = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly cumulocity: Cumulocity,
    private readonly accounts: ServiceAccounts,
    private readonly log: Log,
  ) {}

  /** Does not wait: the service starts also when the platform is not there yet. */
  onModuleInit(): void {
    this.poll();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Whether the platform has answered at least once. */
  get known(): boolean {
    return this.answered;
  }

  tenants(): TenantId[] {
    return this.accounts.tenants();
  }

  /**
   * Whether a tenant is subscribed; one that is unknown is looked for at once.
   * @throws RemoteAccessError `platform-failed` while the platform has never told
   */
  async has(tenant: TenantId): Promise<boolean> {
    const isDue = Date.now() - this.lastLookAt >= MIN_LOOK_GAP_MS;
    if (!this.accounts.of(tenant) && (this.looking || isDue)) await this.look();
    if (!this.answered) throw new RemoteAccessError('platform-failed', { detail: NOT_TOLD_YET });
    return this.accounts.of(tenant) !== undefined;
  }

  /**
   * Tells of tenants that come and go; of those already here at once.
   * @returns ends it
   */
  watch(listener: TenantListener): () => void {
    this.listeners.add(listener);
    for (const tenant of this.tenants()) listener.subscribed?.(tenant);
    return () => this.listeners.delete(listener);
  }

  private poll(): void {
    void this.look().then(() => {
      if (this.stopped) return;
      const periodMs = this.answered ? POLL_PERIOD_MS : FIRST_POLL_PERIOD_MS;
      this.timer = setTimeout(() => this.poll(), periodMs);
    });
  }

  /** One look at a time; whoever comes meanwhile waits for the same answer. */
  private look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    this.lastLookAt = Date.now();
    try {
      const { isolation, own } = this.settings;
      const perTenant = isolation === 'PER_TENANT' && own;
      this.apply(perTenant ? [own] : await this.cumulocity.subscriptions());
    } catch (cause) {
      // Those known so far stay: an outage of the platform must not end sessions.
      if (!this.failing) this.log.warn('The subscribed tenants cannot be read', { cause });
      this.failing = true;
    }
  }

  private apply(accounts: Parameters<ServiceAccounts['replace']>[0]): void {
    const before = new Set(this.tenants());
    this.accounts.replace(accounts);
    this.answered = true;
    if (this.failing) this.log.info('The subscribed tenants can be read again');
    this.failing = false;
    const after = new Set(this.tenants());
    for (const tenant of after) if (!before.has(tenant)) this.tell('subscribed', tenant);
    for (const tenant of before) if (!after.has(tenant)) this.tell('unsubscribed', tenant);
  }

  private tell(event: keyof TenantListener, tenant: TenantId): void {
    this.log.info(`Tenant ${event}`, { tenant });
    for (const listener of this.listeners) listener[event]?.(tenant);
  }
}
