import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type DeviceId, isRefusal, type TenantId } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { Disposables } from '@remote-access/streams';
import { Log } from '../logging/log';
import { Cumulocity } from '../platform/cumulocity';
import { TenantDirectory } from '../platform/tenant-directory';
import { KeyRing } from '../secrets/key-ring';
import { EndpointList, type StoredEntry } from './endpoint-list';
import { type ChangeRecord, EndpointListWriter } from './endpoint-list-writer';
import { trustSentence } from './endpoint-trust';
import { EntryAuthenticity, type EntryChecker } from './entry-authenticity';
import { type BuiltEntry, EntryBuilder } from './entry-builder';

/** How often to look for tenants whose key material has appeared, and to retry what failed. */
const PERIOD_MS = 30_000;

const PAGE_SIZE = 100;

/** The actor in audit records of changes that no user made. */
const ACTOR = 'cloud-remote-access';

/**
 * Migrates entries that were written before entries were authenticated: seals and signs them as
 * they are, once per tenant, and then has the old form refused for good. It can be interrupted at
 * any point: entries that are already authentic are left alone.
 */
@Injectable()
export class EndpointMigration implements OnModuleInit, OnModuleDestroy {
  private readonly disposables = new Disposables();
  private readonly pending = new Set<TenantId>();
  /** Tenants are migrated one at a time: deriving a key takes a tenth of a second of CPU time. */
  private last: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly tenants: TenantDirectory,
    private readonly keys: KeyRing,
    private readonly authenticity: EntryAuthenticity,
    private readonly builder: EntryBuilder,
    private readonly writer: EndpointListWriter,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    const endWatch = this.tenants.watch({
      subscribed: tenant => {
        this.pending.add(tenant);
        this.queue(tenant);
      },
      unsubscribed: tenant => this.pending.delete(tenant),
    });
    this.disposables.add(endWatch);
    this.disposables.interval(() => {
      for (const tenant of this.pending) this.queue(tenant);
    }, PERIOD_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    this.disposables.dispose();
    await this.last;
  }

  private queue(tenant: TenantId): void {
    this.last = this.last.then(() => this.migrate(tenant));
  }

  /** Failures are logged and retried in the next period. */
  private async migrate(tenant: TenantId): Promise<void> {
    if (this.isStopped || !this.pending.has(tenant)) return;
    try {
      if (await this.authenticity.isClosed(tenant)) {
        this.pending.delete(tenant);
        return;
      }
      // Without a key nothing can be signed: the entries wait until there is one.
      if (!(await this.keys.check(tenant))) return;
      const count = await this.takeOver(tenant);
      await this.authenticity.closeOldForm(tenant);
      this.pending.delete(tenant);
      this.log.info('The endpoints are authenticated from now on', { tenant, count });
    } catch (cause) {
      if (this.isStopped) return;
      this.log.error('The endpoints could not be authenticated; the service will try again', {
        tenant,
        cause,
      });
    }
  }

  private async takeOver(tenant: TenantId): Promise<number> {
    const platform = this.cumulocity.asService(tenant);
    let count = 0;
    for (let page = 1; !this.isStopped; page += 1) {
      const found = await platform.managedObjectsWith(FRAGMENTS.list, page, PAGE_SIZE);
      for (const one of found) {
        if (this.isStopped) break;
        if (await this.hasOldEntries(tenant, one)) {
          count += await this.takeOverGateway(tenant, one.id);
        }
      }
      if (found.length < PAGE_SIZE && !this.isStopped) return count;
    }
    throw new Error('The service is shutting down.');
  }

  private async hasOldEntries(tenant: TenantId, found: ManagedObject): Promise<boolean> {
    const checker = await this.authenticity.checkerOf(tenant);
    const { entries } = EndpointList.of(found);
    return entries.some(entry => checker.stateOf(found.id, entry) === 'old');
  }

  private async takeOverGateway(tenant: TenantId, deviceId: DeviceId): Promise<number> {
    const caller = { tenant, userName: ACTOR };
    const count = await this.writer.change(caller, deviceId, async before => {
      const checker = await this.authenticity.checkerOf(tenant);
      let list = before;
      const records: ChangeRecord[] = [];
      for (const entry of before.entries) {
        const built = await this.takenOver(checker, deviceId, entry);
        if (!built) continue;
        const isUsable = built.unusable.length === 0;
        if (isUsable) list = list.with(built.entry);
        records.push(recordOf(isUsable ? built.entry : entry, isUsable));
      }
      const isChanged = list !== before;
      return { list: isChanged ? list : undefined, records, result: records.length };
    });
    if (!isRefusal(count)) return count;
    // Deleted in the meantime.
    if (count.code === 'device-not-found') return 0;
    throw count;
  }

  /** `undefined` for an entry that is already authentic, or that nobody could connect to. */
  private async takenOver(
    checker: EntryChecker,
    deviceId: DeviceId,
    entry: StoredEntry,
  ): Promise<BuiltEntry | undefined> {
    if (entry.damage.length > 0 || checker.stateOf(deviceId, entry) !== 'old') return undefined;
    const base = { entry, owner: checker.ownerOf(deviceId, entry) };
    const built = await this.builder.renew(base, {
      allowUnencryptedSignIn: sentUnencrypted(entry),
    });
    if (isRefusal(built)) throw built;
    return built;
  }
}

/**
 * Before this option existed, user name and password were sent unprotected to VNC servers if no key
 * was pinned. Those endpoints keep working; the audit log marks them.
 */
function sentUnencrypted({ endpoint }: StoredEntry): boolean {
  const { type, hostKey } = endpoint.credentials;
  return endpoint.protocol === 'VNC' && type === 'USER_PASS' && hostKey === null;
}

function recordOf({ endpoint }: StoredEntry, isUsable: boolean): ChangeRecord {
  return {
    activity: 'Remote access endpoint authenticated',
    text: isUsable
      ? `${trustSentence(endpoint)} taken over as it stood`
      : `${trustSentence(endpoint)} not taken over: its stored secret does not belong to it`,
  };
}
