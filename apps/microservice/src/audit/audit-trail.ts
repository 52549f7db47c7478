import { Injectable } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import {
  type AuditRecordBody,
  SESSION_FRAGMENT,
  type SessionFacts,
} from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import { Metrics } from '../metrics/metrics';
import { Cumulocity } from '../platform/cumulocity';
import { ServiceObject } from './service-object';

/** The label of records about the start of a session. */
export const SESSION_STARTED = 'Remote access session started';

/** The label of records about the end of a session. Each session that started gets one. */
export const SESSION_ENDED = 'Remote access session ended';

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
