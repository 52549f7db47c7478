import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import {
  isRefusal,
  type OperationId,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import { type AuditRecord, SESSION_FRAGMENT } from '@remote-access/contracts/platform';
import { Disposables } from '@remote-access/streams';
import { ASK_AGAIN_MS, type Cluster, CLUSTER, type Lease } from '../cluster/cluster';
import { Log } from '../logging/log';
import { Cumulocity } from '../platform/cumulocity';
import { TenantDirectory } from '../platform/tenant-directory';
import { type Settings, SETTINGS } from '../settings/settings';
import {
  APPLICATION,
  AuditTrail,
  SESSION_CONTINUES,
  SESSION_ENDED,
  SESSION_STARTED,
} from './audit-trail';
import { SignsOfLife } from './signs-of-life';

/**
 * Until an orchestrator notices that this process is ready and asks its predecessor to stop, and for
 * the predecessor's last messages. In between, its sessions may continue for the grace period.
 */
const REPLACEMENT_MS = 20_000;

/** The platform's machines, and those of the service, may have slightly different clocks. */
const CLOCK_SKEW_MS = 60_000;

/** A replica that was only briefly disconnected is heard again within this time. */
const RETURN_MS = 3_000;

/** The retry period if the records could not be read, because the platform is down. */
const RETRY_MS = 5 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

/** No session is expected to last longer. */
const LOOK_BACK_MS = 7 * DAY_MS;

/** Records have the time of the process that wrote them, whose clock may be ahead. */
const LOOK_AHEAD_MS = DAY_MS;

const INTERRUPTED = 'The service was interrupted during this session.';

/** That a replica does not answer does not prove that it has died. */
const LOST_REPLICA =
  'The replica of the service that ran this session no longer answers. The session has probably ended.';

const CONTINUES =
  'The session continues. Its end was recorded while the replica that runs it could not be reached.';

const PAGE_SIZE = 1_000;
const MAX_PAGES = 200;

const ABOUT_THE_END: ReadonlySet<string> = new Set([SESSION_ENDED, SESSION_CONTINUES]);

/** Identifies this process among all that serve, or have served, the same tenants. */
@Injectable()
export class ServiceProcess {
  /** New on each start; identical to the replica's id. */
  readonly id: string;

  constructor(@Inject(CLUSTER) private readonly cluster: Cluster) {
    this.id = cluster.id ?? randomUUID();
    cluster.answer('is-owner', ({ owner }) => owner === this.id);
  }

  /**
   * Whether the process that a session belongs to is still running: this one or another replica.
   * @param owner the id of the process; `undefined` for sessions of older versions
   * @returns `cluster-unavailable` if that cannot be determined
   */
  async isAlive(owner: string | undefined): Promise<boolean | Refusal> {
    if (owner === undefined || owner === this.id) return owner !== undefined;
    const answers = await this.cluster.askEvery('is-owner', { owner });
    return isRefusal(answers) ? answers : answers.includes(true);
  }
}

/**
 * Writes the end of sessions whose process died without recording it, and takes back what others
 * wrote about sessions of this process while it seemed to have died. Sessions are found in the audit
 * log itself: unlike operations, its records cannot be changed by anyone.
 */
@Injectable()
export class InterruptedSessions implements OnModuleInit, OnModuleDestroy {
  private readonly disposables = new Disposables();
  private endWatch: (() => void) | undefined;

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly tenants: TenantDirectory,
    private readonly audit: AuditTrail,
    private readonly process: ServiceProcess,
    private readonly signs: SignsOfLife,
    private readonly log: Log,
    @Inject(CLUSTER) private readonly cluster: Cluster,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'stopGraceMs'>,
  ) {}

  onModuleInit(): void {
    this.cluster.onReplicaDied(id => {
      for (const tenant of this.tenants.tenants()) this.settleLater(tenant, RETURN_MS, id);
    });
    this.cluster.onReturn(awayMs => {
      const since = new Date(this.cumulocity.now() - awayMs - CLOCK_SKEW_MS).toISOString();
      for (const tenant of this.signs.served.tenants()) {
        this.later(tenant, RETURN_MS, () => this.correct(tenant, since));
      }
    });
    this.endWatch = this.tenants.watch({
      subscribed: tenant => this.settleLater(tenant, this.settings.stopGraceMs + REPLACEMENT_MS),
    });
  }

  onModuleDestroy(): void {
    this.endWatch?.();
    this.disposables.dispose();
  }

  /** @param owner the process whose sessions to look for; absent for all processes that are gone */
  private settleLater(tenant: TenantId, delayMs: number, owner?: string): void {
    this.later(tenant, delayMs, async () => {
      const found = await this.withoutEnd(tenant);
      const owners = owner === undefined ? new Set(found.map(ownerOf)) : [owner];
      for (const one of owners) {
        const started = found.filter(record => ownerOf(record) === one);
        if (started.length > 0) await this.settle(tenant, one, started);
      }
    });
  }

  private later(tenant: TenantId, delayMs: number, work: () => Promise<void>): void {
    this.disposables.timeout(() => {
      if (!this.tenants.tenants().includes(tenant)) return;
      work().catch((cause: unknown) => {
        this.log.warn('Interrupted sessions could not be looked for', { tenant, cause });
        this.later(tenant, RETRY_MS, work);
      });
    }, delayMs);
  }

  /**
   * Writes the ends of a process's sessions if it is gone. If that cannot be determined, nothing is
   * written until it can.
   */
  private async settle(
    tenant: TenantId,
    owner: string | undefined,
    started: readonly AuditRecord[],
  ): Promise<void> {
    const isAlive = await this.isAlive(tenant, owner);
    if (isAlive === true) return;
    // Several replicas may have started at the same time, but each session has one end.
    const written = isRefusal(isAlive)
      ? isAlive
      : await this.cluster.withLease(`interrupted sessions of ${tenant}`, lease =>
          this.writeEnds(tenant, started, lease),
        );
    if (written === true) return;
    this.later(tenant, ASK_AGAIN_MS, () => this.settle(tenant, owner, started));
  }

  /** @returns `cluster-unavailable` if it cannot be determined, or lives but cannot be asked */
  private async isAlive(tenant: TenantId, owner: string | undefined): Promise<boolean | Refusal> {
    const isAlive = await this.process.isAlive(owner);
    if (isAlive !== false || owner === undefined) return isAlive;
    const isCutOff = (await this.signs.in(tenant)).has(owner);
    return isCutOff ? new RemoteAccessError('cluster-unavailable') : false;
  }

  /** @returns whether there was enough time for all of them */
  private async writeEnds(
    tenant: TenantId,
    started: readonly AuditRecord[],
    lease: Lease,
  ): Promise<boolean> {
    for (const { source, time, text, user } of started) {
      const sourceId = source!.id;
      // Another process may have recorded the end first.
      if ((await this.endsOf(tenant, { source: sourceId })).has(sourceId)) continue;
      if (!lease.isHeld) return false;
      this.log.info('An interrupted session is recorded', { tenant, operationId: sourceId });
      const what = `${this.cluster.isOn ? LOST_REPLICA : INTERRUPTED} It began at ${time}: ${text}`;
      await this.write(tenant, sourceId, SESSION_ENDED, what, user);
    }
    return true;
  }

  /** This process was suspended, or could not reach the platform, so that others ended its sessions. */
  private async correct(tenant: TenantId, since: string): Promise<void> {
    const records = await this.records(tenant, { dateFrom: since });
    const served = new Set(this.signs.served.operations(tenant));
    const seen = new Set<OperationId>();
    // Newest first.
    for (const { activity, source, user, [SESSION_FRAGMENT]: facts } of records) {
      if (!source || !served.has(source.id) || !ABOUT_THE_END.has(activity)) continue;
      // The end that a session records itself has facts.
      const isTaken = seen.has(source.id) || activity === SESSION_CONTINUES || facts !== undefined;
      seen.add(source.id);
      if (!isTaken) await this.write(tenant, source.id, SESSION_CONTINUES, CONTINUES, user);
    }
  }

  private async write(
    tenant: TenantId,
    sourceId: OperationId,
    activity: string,
    text: string,
    user = 'unknown',
  ): Promise<void> {
    await this.audit.record(tenant, { type: 'Operation', sourceId, activity, text, user });
  }

  /** The records of sessions that have started but not ended. */
  private async withoutEnd(tenant: TenantId): Promise<AuditRecord[]> {
    const now = this.cumulocity.now();
    const records = await this.records(tenant, {
      dateFrom: new Date(now - LOOK_BACK_MS).toISOString(),
      dateTo: new Date(now + LOOK_AHEAD_MS).toISOString(),
    });
    const ended = idsOf(records.filter(({ activity }) => activity === SESSION_ENDED));
    return records.filter(
      ({ activity, source }) =>
        activity === SESSION_STARTED && source !== undefined && !ended.has(source.id),
    );
  }

  private async endsOf(tenant: TenantId, filter: Record<string, string>): Promise<Set<string>> {
    const records = await this.records(tenant, filter);
    return idsOf(records.filter(({ activity }) => activity === SESSION_ENDED));
  }

  private async records(tenant: TenantId, filter: Record<string, string>): Promise<AuditRecord[]> {
    const platform = this.cumulocity.asService(tenant);
    const found: AuditRecord[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const query = { type: 'Operation', application: APPLICATION, ...filter };
      const records = await platform.auditRecords(query, page, PAGE_SIZE);
      found.push(...records);
      if (records.length < PAGE_SIZE) break;
    }
    return found;
  }
}

function ownerOf(record: AuditRecord): string | undefined {
  const session = record[SESSION_FRAGMENT] as { owner?: unknown } | null | undefined;
  return typeof session?.owner === 'string' ? session.owner : undefined;
}

function idsOf(records: readonly AuditRecord[]): Set<string> {
  return new Set(records.flatMap(({ source }) => (source ? [source.id] : [])));
}
