import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import {
  CONNECT_DESCRIPTION,
  FRAGMENTS,
  type Operation,
  type OperationStatus,
} from '@remote-access/contracts/platform';
import { Disposables } from '@remote-access/streams';
import { Log } from '../logging/log';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { Cumulocity } from '../platform/cumulocity';
import { TenantDirectory } from '../platform/tenant-directory';
import { OperationDesk } from './operation-desk';

/** Beyond a gateway's time: for its report, and for clocks that differ. */
const GRACE_MS = 10_000;

/** What became nobody's while the platform could not be reached is looked for now and then. */
const PERIOD_MS = 10 * 60_000;

const PAGE_SIZE = 100;

/** In one sweep of one status; the next one goes on. */
const MAX_PAGES = 20;

const UNFINISHED: readonly OperationStatus[] = ['PENDING', 'EXECUTING'];

const ABANDONED =
  'Nobody can serve this any more: the remote access service was restarted, or lost the platform.';

/**
 * Brings operations to an end whose session died with its process. A key is waited for no longer
 * than a gateway's time, so that nobody serves what is older and still waits, on any replica.
 */
@Injectable()
export class OperationSweeper implements OnModuleInit, OnModuleDestroy {
  private readonly disposables = new Disposables();
  private endWatch: (() => void) | undefined;

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly tenants: TenantDirectory,
    private readonly options: TenantOptions,
    private readonly desk: OperationDesk,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.endWatch = this.tenants.watch({
      subscribed: tenant => void this.sweepTwice(tenant),
    });
    this.disposables.interval(() => {
      for (const tenant of this.tenants.tenants()) void this.sweep(tenant);
    }, PERIOD_MS);
  }

  onModuleDestroy(): void {
    this.endWatch?.();
    this.disposables.dispose();
  }

  /** What a process left that ended just now is old enough only after a gateway's time. */
  private async sweepTwice(tenant: TenantId): Promise<void> {
    const waitMs = await this.sweep(tenant);
    this.disposables.timeout(() => void this.sweep(tenant), waitMs + GRACE_MS / 2);
  }

  /** @returns how old an operation has to be */
  private async sweep(tenant: TenantId): Promise<number> {
    let leastAgeMs = GRACE_MS;
    try {
      const { operationTimeoutMs } = await this.options.of(tenant);
      leastAgeMs += operationTimeoutMs;
      const before = new Date(Date.now() - leastAgeMs);
      for (const status of UNFINISHED) await this.finishOlder(tenant, status, before);
    } catch (cause) {
      this.log.warn('Operations that nobody serves could not be looked for', { tenant, cause });
    }
    return leastAgeMs;
  }

  private async finishOlder(
    tenant: TenantId,
    status: OperationStatus,
    before: Date,
  ): Promise<void> {
    const platform = this.cumulocity.asService(tenant);
    const found: Operation[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const filter = { status, fragmentType: FRAGMENTS.connect, dateTo: before.toISOString() };
      const operations = await platform.operations(filter, page, PAGE_SIZE);
      found.push(...operations);
      if (operations.length < PAGE_SIZE) break;
    }
    for (const { id, description, creationTime } of found) {
      // The platform's own filter by date is not relied on: one that is served must not fail.
      const isOurs = description === CONNECT_DESCRIPTION && Date.parse(creationTime) <= +before;
      if (!isOurs || this.desk.minds(id)) continue;
      this.log.info('An operation that nobody serves is set FAILED', { tenant, operationId: id });
      await this.desk.failUnfinished(tenant, id, ABANDONED);
    }
  }
}
