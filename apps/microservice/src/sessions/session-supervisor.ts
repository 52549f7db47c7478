import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { DeviceId, TenantId } from '@remote-access/contracts';
import { Disposables } from '@remote-access/streams';
import { EndpointListWriter } from '../endpoints/endpoint-list-writer';
import { ConnectConditions } from '../tenant-settings/connect-conditions';
import { SettingsEditor } from '../tenant-settings/settings-editor';
import { TenantChannels } from '../platform/tenant-channels';
import { SETTINGS, type Settings } from '../settings/settings';
import { AccessReview } from './access-review';
import type { Session } from './session';
import { SessionRegistry } from './session-registry';

const TICK_MS = 1_000;

/**
 * Reviews begun in one tick; each asks the platform three times. With more sessions than that in
 * a period, reviews come less often rather than the platform being asked more often.
 */
const MAX_REVIEWS_PER_TICK = 10;

/** A device's object changes often, and a change is told several times. */
const NEWS_PAUSE_MS = 500;

/** Sessions that stand and fall together: of one user, on one endpoint. */
interface Reviewed {
  readonly tenant: TenantId;
  readonly deviceId: DeviceId;
  readonly sessions: Set<Session>;
  readonly endNews: () => void;
  dueAtMs: number;
  running: boolean;
}

/**
 * Sees to it that a session does not outlive the right to it. Where the platform tells (devices
 * and their endpoints) or where we do it ourselves, that is at once; users and their roles are
 * looked at again every few seconds, with the credentials that opened the session.
 */
@Injectable()
export class SessionSupervisor implements OnModuleInit, OnModuleDestroy {
  private readonly reviewed = new Map<string, Reviewed>();
  private readonly disposables = new Disposables();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly registry: SessionRegistry,
    private readonly review: AccessReview,
    private readonly conditions: ConnectConditions,
    private readonly channels: TenantChannels,
    private readonly writer: EndpointListWriter,
    private readonly editor: SettingsEditor,
  ) {}

  onModuleInit(): void {
    this.disposables.interval(() => this.tick(), TICK_MS);
    this.disposables.add(
      this.writer.listen((tenant, deviceId) => {
        this.news(tenant, deviceId, 0);
        this.tick();
      }),
    );
    this.disposables.add(this.editor.listen(tenant => void this.lookAtConditions(tenant)));
  }

  onModuleDestroy(): void {
    this.disposables.dispose();
    for (const { endNews } of this.reviewed.values()) endNews();
  }

  /** From now on, until it is over. */
  add(session: Session): void {
    const { caller, gateway, endpoint } = session.grant;
    const { tenant, userName } = caller;
    const key = JSON.stringify([tenant, userName, gateway.id, endpoint.id]);
    const known = this.reviewed.get(key);
    const reviewed = known ?? this.begin(tenant, gateway.id);
    this.reviewed.set(key, reviewed);
    reviewed.sessions.add(session);
    void session.over.then(() => {
      reviewed.sessions.delete(session);
      if (reviewed.sessions.size > 0 || this.reviewed.get(key) !== reviewed) return;
      this.reviewed.delete(key);
      reviewed.endNews();
    });
  }

  private begin(tenant: TenantId, deviceId: DeviceId): Reviewed {
    const news = (): void => this.news(tenant, deviceId, NEWS_PAUSE_MS);
    const endNews = this.channels.listen(tenant, `/managedobjects/${deviceId}`, news);
    const dueAtMs = Date.now() + this.nextPauseMs();
    return { tenant, deviceId, sessions: new Set(), endNews, dueAtMs, running: false };
  }

  private news(tenant: TenantId, deviceId: DeviceId, pauseMs: number): void {
    for (const one of this.reviewed.values()) {
      const concerned = one.tenant === tenant && one.deviceId === deviceId;
      if (concerned) one.dueAtMs = Math.min(one.dueAtMs, Date.now() + pauseMs);
    }
  }

  private tick(): void {
    if (this.reviewed.size === 0) return;
    const all = [...this.reviewed.values()];
    for (const tenant of new Set(all.map(one => one.tenant))) void this.lookAtConditions(tenant);
    all
      .filter(one => !one.running && one.dueAtMs <= Date.now())
      .sort((one, other) => one.dueAtMs - other.dueAtMs)
      .slice(0, MAX_REVIEWS_PER_TICK)
      .forEach(one => void this.look(one));
  }

  private async look(one: Reviewed): Promise<void> {
    // The newest has the credentials that live longest.
    const newest = [...one.sessions].at(-1);
    if (!newest) return;
    one.running = true;
    // What changes meanwhile makes it due again.
    one.dueAtMs = Date.now() + this.nextPauseMs();
    const end = await this.review.verdict(newest.grant);
    one.running = false;
    if (end) for (const session of one.sessions) session.end(end);
  }

  /** Remote access may have been switched off; the options are remembered for some seconds. */
  private async lookAtConditions(tenant: TenantId): Promise<void> {
    const refusal = await this.conditions.refusal(tenant).catch(() => undefined);
    if (refusal) this.registry.endAllOf(tenant, { by: 'service', error: refusal });
  }

  /** Spread, so that sessions that began together are not looked at together for ever. */
  private nextPauseMs(): number {
    return this.settings.sessionReviewMs * (0.75 + Math.random() / 2);
  }
}
