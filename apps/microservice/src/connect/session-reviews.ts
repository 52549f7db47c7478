import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { DeviceId, TenantId } from '@remote-access/contracts';
import { Disposables } from '@remote-access/streams';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import { EndpointListWriter } from '../endpoints/endpoint-list-writer';
import { ConnectConditions } from '../tenant-settings/connect-conditions';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { SettingsEditor } from '../tenant-settings/settings-editor';
import type { CallerCredentials } from '../platform/caller-credentials';
import { TenantChannels } from '../platform/tenant-channels';
import { TenantDirectory } from '../platform/tenant-directory';
import type { Session } from '../sessions/session';
import { endedBy } from '../sessions/session-end';
import { SessionRegistry } from '../sessions/session-registry';
import { SETTINGS, type Settings } from '../settings/settings';
import { AccessReview } from './access-review';

const UNSUBSCRIBED = 'Your tenant is no longer subscribed to remote access.';

const TICK_MS = 1_000;

/**
 * Reviews started per tick; each sends three requests to the platform. With more sessions than fit
 * into a period, reviews become less frequent instead of the load growing.
 */
const MAX_REVIEWS_PER_TICK = 10;

/** A device's managed object changes often, and each change is reported several times. */
const CHANGE_PAUSE_MS = 500;

/** Sessions that are reviewed together: same user, same credentials, same endpoint. */
interface ReviewedGroup {
  readonly tenant: TenantId;
  readonly deviceId: DeviceId;
  readonly sessions: Set<Session>;
  readonly credentials: CallerCredentials;
  readonly stopListening: () => void;
  dueAtMs: number;
  isRunning: boolean;
}

/**
 * Ends sessions whose user has lost the right to them. Changes that the platform reports (devices
 * and their endpoints) and changes made by this service are reviewed at once; users and their roles
 * every few seconds, with the credentials that started the session.
 */
@Injectable()
export class SessionReviews implements OnModuleInit, OnModuleDestroy {
  private readonly groups = new Map<string, ReviewedGroup>();
  private readonly disposables = new Disposables();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly registry: SessionRegistry,
    private readonly review: AccessReview,
    private readonly conditions: ConnectConditions,
    private readonly channels: TenantChannels,
    private readonly writer: EndpointListWriter,
    private readonly editor: SettingsEditor,
    private readonly tenants: TenantDirectory,
    private readonly options: TenantOptions,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {}

  onModuleInit(): void {
    const unsubscribedEnd = endedBy('platform', 'forbidden', UNSUBSCRIBED);
    const unsubscribed = (tenant: TenantId): void =>
      this.registry.endAllOf(tenant, unsubscribedEnd);
    this.disposables.interval(() => this.tick(), TICK_MS);
    this.registry.onOver(session => this.leave(session));
    this.disposables.add(
      this.writer.listen((tenant, deviceId) => {
        this.endpointsChanged(tenant, deviceId);
        this.cluster.publish('device-changed', { tenant, deviceId });
      }),
    );
    this.disposables.add(
      this.editor.listen(tenant => {
        void this.checkConditions(tenant);
        this.cluster.publish('settings-changed', { tenant });
      }),
    );
    this.cluster.subscribe('device-changed', ({ tenant, deviceId }) =>
      this.endpointsChanged(tenant, deviceId),
    );
    this.cluster.subscribe('settings-changed', ({ tenant }) => {
      this.options.forget(tenant);
      void this.checkConditions(tenant);
    });
    this.disposables.add(this.tenants.watch({ unsubscribed }));
  }

  onModuleDestroy(): void {
    this.disposables.dispose();
    for (const { stopListening } of this.groups.values()) stopListening();
  }

  /** Reviews a session until it is over. */
  add(session: Session, credentials: CallerCredentials): void {
    this.join(session, credentials);
  }

  /** From now on the session is reviewed with other credentials of the same user. */
  renew(session: Session, credentials: CallerCredentials): void {
    this.leave(session);
    this.join(session, credentials);
  }

  private join(session: Session, credentials: CallerCredentials): void {
    const { caller, gateway, endpoint } = session.subject;
    const { tenant, userName } = caller;
    const who = [tenant, userName, credentials.fingerprint];
    const key = JSON.stringify([...who, gateway.id, endpoint.id]);
    const group = this.groups.get(key) ?? this.newGroup(tenant, gateway.id, credentials);
    this.groups.set(key, group);
    group.sessions.add(session);
  }

  private leave(session: Session): void {
    for (const [key, group] of this.groups) {
      if (!group.sessions.delete(session)) continue;
      if (group.sessions.size > 0) return;
      this.groups.delete(key);
      group.stopListening();
      return;
    }
  }

  private newGroup(
    tenant: TenantId,
    deviceId: DeviceId,
    credentials: CallerCredentials,
  ): ReviewedGroup {
    const changed = (): void => this.deviceChanged(tenant, deviceId, CHANGE_PAUSE_MS);
    const stopListening = this.channels.listen(tenant, `/managedobjects/${deviceId}`, changed);
    const dueAtMs = performance.now() + this.nextPauseMs();
    const sessions = new Set<Session>();
    return { tenant, deviceId, sessions, credentials, stopListening, dueAtMs, isRunning: false };
  }

  private endpointsChanged(tenant: TenantId, deviceId: DeviceId): void {
    this.deviceChanged(tenant, deviceId, 0);
    this.tick();
  }

  private deviceChanged(tenant: TenantId, deviceId: DeviceId, pauseMs: number): void {
    for (const group of this.groups.values()) {
      const isAffected = group.tenant === tenant && group.deviceId === deviceId;
      if (isAffected) group.dueAtMs = Math.min(group.dueAtMs, performance.now() + pauseMs);
    }
  }

  private tick(): void {
    if (this.groups.size === 0) return;
    const groups = [...this.groups.values()];
    for (const tenant of new Set(groups.map(group => group.tenant))) {
      void this.checkConditions(tenant);
    }
    groups
      .filter(group => !group.isRunning && group.dueAtMs <= performance.now())
      .sort((one, other) => one.dueAtMs - other.dueAtMs)
      .slice(0, MAX_REVIEWS_PER_TICK)
      .forEach(group => void this.reviewGroup(group));
  }

  private async reviewGroup(group: ReviewedGroup): Promise<void> {
    const [session] = group.sessions;
    if (!session) return;
    group.isRunning = true;
    // A change during the review makes it due again.
    group.dueAtMs = performance.now() + this.nextPauseMs();
    const end = await this.review
      .reasonToEnd(session.subject, group.credentials)
      .finally(() => (group.isRunning = false));
    // A session that received other credentials during the review is no longer in the group.
    if (end) for (const one of group.sessions) one.end(end);
  }

  /** Remote access may have been disabled; the tenant's options are cached for a few seconds. */
  private async checkConditions(tenant: TenantId): Promise<void> {
    const refusal = await this.conditions.refusal(tenant).catch(() => undefined);
    if (refusal) this.registry.endAllOf(tenant, { by: 'service', error: refusal });
  }

  /** Adds jitter, so that sessions that started together are not reviewed together forever. */
  private nextPauseMs(): number {
    return this.settings.sessionReviewMs * (0.75 + Math.random() / 2);
  }
}
