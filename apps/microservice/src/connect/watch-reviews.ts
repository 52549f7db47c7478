import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import {
  isOutage,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import { Disposables } from '@remote-access/streams';
import { AccessPolicy } from '../access/access-policy';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { Session } from '../sessions/session';
import { SETTINGS, type Settings } from '../settings/settings';
import { SettingsEditor } from '../tenant-settings/settings-editor';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { ConnectPolicy } from './connect-policy';

const NOW_ASKS = 'The user is now asked first. Watch again to ask.';

interface Watch {
  readonly session: Session;
  /** The watcher's credentials. */
  readonly credentials: CallerCredentials;
  /** Whether the session's user has to agree. */
  readonly asks: boolean;
  end(error: RemoteAccessError): void;
}

/**
 * Repeats the decision about watchers as is done for sessions: every few seconds, and at once when
 * the tenant's settings change.
 */
@Injectable()
export class WatchReviews implements OnModuleInit, OnModuleDestroy {
  private readonly watches = new Set<Watch>();
  private readonly disposables = new Disposables();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly policy: ConnectPolicy,
    private readonly access: AccessPolicy,
    private readonly options: TenantOptions,
    private readonly editor: SettingsEditor,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {}

  onModuleInit(): void {
    this.disposables.interval(() => void this.reviewAll(), this.settings.sessionReviewMs);
    this.disposables.add(this.editor.listen(tenant => void this.settingsChanged(tenant)));
    this.cluster.subscribe('settings-changed', ({ tenant }) => {
      this.options.forget(tenant);
      void this.settingsChanged(tenant);
    });
  }

  onModuleDestroy(): void {
    this.disposables.dispose();
  }

  /** @returns a function that ends the reviews */
  add(watch: Watch): () => void {
    this.watches.add(watch);
    return () => this.watches.delete(watch);
  }

  private async settingsChanged(tenant: TenantId): Promise<void> {
    for (const watch of this.watches) {
      if (watch.session.tenant !== tenant) continue;
      const refusal = await this.ofSettings(watch).catch(() => undefined);
      if (refusal) watch.end(refusal);
    }
  }

  /** Sequentially, so that many watchers do not flood the platform. */
  private async reviewAll(): Promise<void> {
    for (const watch of [...this.watches]) {
      const refusal = await this.refusalOf(watch).catch(() => undefined);
      if (refusal && this.watches.has(watch)) watch.end(refusal);
    }
  }

  private async refusalOf(watch: Watch): Promise<Refusal | undefined> {
    const { gateway, endpoint } = watch.session.subject;
    const again = await this.policy.decide(watch.credentials, gateway.id, endpoint.id);
    if (isRefusal(again)) return isOutage(again) ? undefined : again;
    return this.access.mayConfigure(again.caller, gateway.id) ?? this.ofSettings(watch);
  }

  private async ofSettings({ session, asks }: Watch): Promise<Refusal | undefined> {
    const { watch } = await this.options.of(session.tenant);
    if (watch === 'off') return new RemoteAccessError('watch-off');
    const isUnasked = watch === 'consent' && !asks;
    return isUnasked ? new RemoteAccessError('watch-off', { detail: NOW_ASKS }) : undefined;
  }
}
