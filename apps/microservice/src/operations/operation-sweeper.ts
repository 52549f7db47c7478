import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { isRefusal, type OperationId, type TenantId } from '@remote-access/contracts';
import {
  CONNECT_DESCRIPTION,
  FRAGMENTS,
  type Operation,
  type OperationStatus,
} from '@remote-access/contracts/platform';
import { Disposables } from '@remote-access/streams';
import { SignsOfLife } from '../audit/signs-of-life';
import { ASK_AGAIN_MS, type Cluster, CLUSTER } from '../cluster/cluster';
import { Log } from '../logging/log';
import { Cumulocity } from '../platform/cumulocity';
import { TenantDirectory } from '../platform/tenant-directory';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { ConnectOperations } from './connect-operations';
import { OperationWatch } from './operation-watch';

/** Added to a gateway's timeout, for its report. */
const GRACE_MS = 10_000;

/** Also finds operations that were abandoned while the platform could not be reached. */
const PERIOD_MS = 10 * 60_000;

/** The retry period after a replica has died while the platform does not answer. */
const RETRY_MS = 10_000;

/** Creating an operation takes no longer; after that its creator knows its id. */
const CREATION_MS = 3_000;

/** The platform's machines may have slightly different clocks. */
const CLOCK_SKEW_MS = 60_000;

const PAGE_SIZE = 100;

/** Pages per sweep and status; the next sweep continues. */
const MAX_PAGES = 20;

const UNFINISHED: readonly OperationStatus[] = ['PENDING', 'EXECUTING'];

const ABANDONED =
  'No session can use this any more, as far as is known: the remote access service was restarted, ' +
  'lost Cumulocity, or lost one of its replicas.';

/**
 * Fails operations whose session died with its process. No replica waits longer for a connection
 * key than a gateway's timeout, so an older operation that is still unfinished is not being served.
 */
@Injectable()
export class OperationSweeper implements OnModuleInit, OnModuleDestroy {
  private readonly disposables = new Disposables();
  /** Operations about which not every replica has answered; asked again after a pause. */
  private readonly undecided = new Map<TenantId, Set<OperationId>>();
  private endWatch: (() => void) | undefined;

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly tenants: TenantDirectory,
    private readonly options: TenantOptions,
    private readonly operations: ConnectOperations,
    private readonly signs: SignsOfLife,
    private readonly log: Log,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {}

  onModuleInit(): void {
    this.signs.served = this.operations;
    this.cluster.answer('serving', ({ tenant, ids }) =>
      ids.filter(id => this.operations.isServing(tenant, id)),
    );
    this.cluster.onReplicaDied(() => {
      for (const tenant of this.tenants.tenants()) void this.sweepAfterDeath(tenant);
    });
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

  /**
   * Operations of a process that has just ended become old enough only after a gateway's timeout,
   * hence the second sweep.
   */
  private async sweepTwice(tenant: TenantId): Promise<void> {
    const waitMs = await this.sweep(tenant);
    this.disposables.timeout(() => void this.sweep(tenant), waitMs + GRACE_MS / 2);
  }

  /** @returns the age above which an operation counts as abandoned */
  private async sweep(tenant: TenantId): Promise<number> {
    let leastAgeMs = GRACE_MS;
    try {
      const { operationTimeoutMs } = await this.options.of(tenant);
      leastAgeMs += operationTimeoutMs;
      const before = new Date(this.cumulocity.now() - leastAgeMs);
      for (const status of UNFINISHED) await this.finishOlder(tenant, status, before);
    } catch (cause) {
      this.failed(tenant, cause);
    }
    return leastAgeMs;
  }

  /**
   * A replica has died: operations that nobody serves now are finished immediately. Checks twice,
   * because another replica may be creating an operation at this moment.
   */
  private async sweepAfterDeath(tenant: TenantId): Promise<void> {
    const tryAgain = (cause: unknown): void => {
      this.failed(tenant, cause);
      this.disposables.timeout(() => {
        if (this.tenants.tenants().includes(tenant)) void this.sweepAfterDeath(tenant);
      }, RETRY_MS);
    };
    try {
      const first = new Set(idsOf(await this.unfinished(tenant)));
      if (first.size === 0) return;
      this.disposables.timeout(() => {
        this.unfinished(tenant)
          .then(again =>
            this.finish(
              tenant,
              idsOf(again).filter(id => first.has(id)),
            ),
          )
          .catch(tryAgain);
      }, CREATION_MS);
    } catch (cause) {
      tryAgain(cause);
    }
  }

  private async unfinished(tenant: TenantId): Promise<Operation[]> {
    const soon = new Date(this.cumulocity.now() + CLOCK_SKEW_MS);
    const found = await Promise.all(UNFINISHED.map(status => this.older(tenant, status, soon)));
    return found.flat();
  }

  private failed(tenant: TenantId, cause: unknown): void {
    this.log.warn('Abandoned operations could not be looked for', { tenant, cause });
  }

  private async finishOlder(
    tenant: TenantId,
    status: OperationStatus,
    before: Date,
  ): Promise<void> {
    await this.finish(tenant, idsOf(await this.older(tenant, status, before)));
  }

  private async older(
    tenant: TenantId,
    status: OperationStatus,
    before: Date,
  ): Promise<Operation[]> {
    const platform = this.cumulocity.asService(tenant);
    const found: Operation[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const filter = { status, fragmentType: FRAGMENTS.connect, dateTo: before.toISOString() };
      const operations = await platform.operations(filter, page, PAGE_SIZE);
      found.push(...operations);
      if (operations.length < PAGE_SIZE) break;
    }
    // Checks again what the platform filtered: an operation in use must not be set to FAILED.
    return found.filter(
      ({ description, creationTime }) =>
        description === CONNECT_DESCRIPTION && Date.parse(creationTime) <= +before,
    );
  }

  /**
   * Fails operations that neither this process nor another replica serves. As long as not every
   * replica has answered, any of them may be in use.
   */
  private async finish(tenant: TenantId, found: readonly OperationId[]): Promise<void> {
    const ids = found.filter(id => !this.operations.isServing(tenant, id));
    if (ids.length === 0) return;
    const answers = await this.cluster.askEvery('serving', { tenant, ids });
    if (isRefusal(answers)) return this.finishLater(tenant, ids);
    const elsewhere = new Set(answers.flat());
    const abandoned = ids.filter(id => !elsewhere.has(id));
    if (abandoned.length === 0) return;
    // A replica that lives, but cannot be asked, may serve any of them.
    const isOneCutOff = (await this.signs.in(tenant)).size > 0;
    if (isOneCutOff) return this.finishLater(tenant, abandoned);
    // Several replicas may have noticed; the next one finds that nothing is left to do.
    const failed = await this.cluster.withLease(`abandoned operations of ${tenant}`, async () => {
      for (const id of abandoned) {
        this.log.info('An abandoned operation is set FAILED', { tenant, operationId: id });
        await this.operations.failUnfinished(tenant, id, ABANDONED);
      }
    });
    if (isRefusal(failed)) this.finishLater(tenant, abandoned);
  }

  private finishLater(tenant: TenantId, ids: readonly OperationId[]): void {
    const undecided = this.undecided.get(tenant) ?? new Set();
    this.undecided.set(tenant, undecided);
    const added = ids.filter(id => !undecided.has(id));
    if (added.length === 0) return;
    for (const id of added) undecided.add(id);
    this.disposables.timeout(() => {
      for (const id of added) undecided.delete(id);
      if (!this.tenants.tenants().includes(tenant)) return;
      this.finish(tenant, added).catch((cause: unknown) => {
        this.failed(tenant, cause);
        this.finishLater(tenant, added);
      });
    }, ASK_AGAIN_MS);
  }
}

function idsOf(operations: readonly Operation[]): OperationId[] {
  return operations.map(({ id }) => id);
}

@Global()
@Module({
  providers: [ConnectOperations, OperationSweeper, OperationWatch],
  exports: [ConnectOperations, OperationWatch],
})
export class OperationsModule {}
