import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { RemoteAccessError, type TenantId } from '@remote-access/contracts';
import { Log } from '../logging/log';
import { SETTINGS, type Settings } from '../settings/settings';
import { Cumulocity, ServiceAccounts } from './cumulocity';

/** How often the subscribed tenants are read; the platform does not report changes. */
const POLL_PERIOD_MS = 10_000;

/** Used until the platform has answered once: it may still be starting. */
const FIRST_POLL_PERIOD_MS = 1_000;

/**
 * An unknown tenant triggers a read, but strangers must not be able to make us flood the platform.
 */
const MIN_READ_GAP_MS = 1_000;

const NOT_TOLD_YET = 'The platform has not reported yet which tenants are subscribed.';

export interface TenantListener {
  subscribed?: (tenant: TenantId) => void;
  unsubscribed?: (tenant: TenantId) => void;
}

/** Knows which tenants are subscribed. */
@Injectable()
export class TenantDirectory implements OnModuleInit, OnModuleDestroy {
  private readonly listeners = new Set<TenantListener>();
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;
  private lastReadAtMs = -Infinity;
  private hasAnswered = false;
  private isFailing = false;
  private isStopped = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly cumulocity: Cumulocity,
    private readonly accounts: ServiceAccounts,
    private readonly log: Log,
  ) {}

  /** Does not wait: the service also starts before the platform does. */
  onModuleInit(): void {
    this.poll();
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** Whether the platform has answered at least once. */
  get known(): boolean {
    return this.hasAnswered;
  }

  tenants(): TenantId[] {
    return this.accounts.tenants();
  }

  /**
   * Whether a tenant is subscribed; for an unknown one the directory is read at once.
   * @throws RemoteAccessError `platform-failed` until the platform has answered once
   */
  async has(tenant: TenantId): Promise<boolean> {
    const isDue = performance.now() - this.lastReadAtMs >= MIN_READ_GAP_MS;
    if (!this.accounts.of(tenant) && (this.reading || isDue)) await this.read();
    if (!this.hasAnswered) throw new RemoteAccessError('platform-failed', { detail: NOT_TOLD_YET });
    return this.accounts.of(tenant) !== undefined;
  }

  /**
   * Reports tenants that subscribe and unsubscribe, and immediately those that are already
   * subscribed.
   * @returns a function that stops it
   */
  watch(listener: TenantListener): () => void {
    this.listeners.add(listener);
    for (const tenant of this.tenants()) listener.subscribed?.(tenant);
    return () => this.listeners.delete(listener);
  }

  private poll(): void {
    void this.read().then(() => {
      if (this.isStopped) return;
      const periodMs = this.hasAnswered ? POLL_PERIOD_MS : FIRST_POLL_PERIOD_MS;
      this.timer = setTimeout(() => this.poll(), periodMs);
    });
  }

  /** One read at a time; callers in the meantime await the same one. */
  private read(): Promise<void> {
    this.reading ??= this.readOnce().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async readOnce(): Promise<void> {
    this.lastReadAtMs = performance.now();
    try {
      const { isolation, own } = this.settings;
      const perTenant = isolation === 'PER_TENANT' && own;
      this.apply(perTenant ? [own] : await this.cumulocity.subscriptions());
    } catch (cause) {
      // The known tenants are kept: an outage of the platform must not end sessions.
      if (!this.isFailing) this.log.warn('The subscribed tenants cannot be read', { cause });
      this.isFailing = true;
    }
  }

  private apply(accounts: Parameters<ServiceAccounts['replace']>[0]): void {
    const before = new Set(this.tenants());
    this.accounts.replace(accounts);
    this.hasAnswered = true;
    if (this.isFailing) this.log.info('The subscribed tenants can be read again');
    this.isFailing = false;
    const after = new Set(this.tenants());
    for (const tenant of after) if (!before.has(tenant)) this.notify('subscribed', tenant);
    for (const tenant of before) if (!after.has(tenant)) this.notify('unsubscribed', tenant);
  }

  private notify(event: keyof TenantListener, tenant: TenantId): void {
    this.log.info(`Tenant ${event}`, { tenant });
    for (const listener of this.listeners) listener[event]?.(tenant);
  }
}
