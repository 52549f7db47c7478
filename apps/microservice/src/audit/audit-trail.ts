import { Injectable } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import {
  type AuditRecordBody,
  SESSION_FRAGMENT,
  type SessionFacts,
  FRAGMENTS,
} from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import { Metrics } from '../metrics/metrics';
import { Cumulocity } from '../platform/cumulocity';

/** The label of records about the start of a session. */
export const SESSION_STARTED = 'Remote access session started';

/** The label of records about the end of a session. Each session that started gets one. */
export const SESSION_ENDED = 'Remote access session ended';

/** The label of records that take back the end of a session. */
export const SESSION_CONTINUES = 'Remote access session continues';

/** The label of records about watchers of a session and about who has the keyboard. */
export const SESSION_WATCHED = 'Remote access session watched';

/** The application named in the service's records. */
export const APPLICATION = 'cloud-remote-access';

/** The subject of a record: an object or operation by id, or the tenant as a whole. */
type AuditSubject =
  | { readonly type: 'Inventory' | 'Operation'; readonly sourceId: string }
  | { readonly type: 'Inventory' | 'Option' };

/** A record of what a user did. */
export type AuditEntry = AuditSubject & {
  /** A short label shared by all events of a kind. */
  readonly activity: string;
  /** One sentence without secrets. */
  readonly text: string;
  /** The name of the acting user. */
  readonly user: string;
  /** The facts of the text in machine-readable form, for records about sessions. */
  readonly session?: SessionFacts;
};

/**
 * A managed object in each tenant that represents the service. Every audit record needs an object
 * as its source, and settings have none.
 */
@Injectable()
export class ServiceObject {
  private readonly ids = new Map<TenantId, Promise<string>>();

  constructor(private readonly cumulocity: Cumulocity) {}

  /** Creates the object if it does not exist. @throws RemoteAccessError if the platform fails */
  idIn(tenant: TenantId): Promise<string> {
    const known = this.ids.get(tenant);
    if (known) return known;
    const id = this.findOrCreate(tenant);
    this.ids.set(tenant, id);
    // A failure is not cached.
    id.catch(() => this.ids.delete(tenant));
    return id;
  }

  private async findOrCreate(tenant: TenantId): Promise<string> {
    const platform = this.cumulocity.asService(tenant);
    const [found] = await platform.managedObjectsWith(FRAGMENTS.service, 1, 1);
    if (found) return found.id;
    return platform.createManagedObject({
      name: 'Cloud Remote Access',
      type: FRAGMENTS.service,
      [FRAGMENTS.service]: {},
    });
  }
}

/** Writes to the platform's audit log. */
@Injectable()
export class AuditTrail {
  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly serviceObject: ServiceObject,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Never throws: the action has already happened and must not appear to have failed. A record that
   * cannot be written is logged instead.
   * @returns whether the record was written
   */
  async record(tenant: TenantId, entry: AuditEntry): Promise<boolean> {
    const { type, activity, text, user } = entry;
    const time = new Date().toISOString();
    try {
      const id = 'sourceId' in entry ? entry.sourceId : await this.serviceObject.idIn(tenant);
      const body: AuditRecordBody = {
        type,
        source: { id },
        activity,
        text,
        user,
        time,
        severity: 'INFORMATION',
        application: APPLICATION,
        ...(entry.session && { [SESSION_FRAGMENT]: entry.session }),
      };
      await this.cumulocity.asService(tenant).createAuditRecord(body);
      return true;
    } catch (cause) {
      this.metrics.auditFailed();
      this.log.error('An audit record could not be written', { tenant, ...entry, cause });
      return false;
    }
  }
}
