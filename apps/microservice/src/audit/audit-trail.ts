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

/** The label of records about the end of a session. Each session that has started gets one. */
export const SESSION_ENDED = 'Remote access session ended';

/** The label of records about watchers of a session and who has the keyboard. */
export const SESSION_WATCHED = 'Remote access session watched';

/** The application that our records name. */
export const APPLICATION = 'cloud-remote-access';

/** What a record is about: an object or operation by id, or else the tenant as a whole. */
type AuditSubject =
  | { readonly type: 'Inventory' | 'Operation'; readonly sourceId: string }
  | { readonly type: 'Inventory' | 'Option' };

/** A record of what a user did. */
export type AuditEntry = AuditSubject & {
  /** A short label that all events of a kind share. */
  readonly activity: string;
  /** One sentence without secrets. */
  readonly text: string;
  /** The acting user's name. */
  readonly user: string;
  /** The session's facts in the text, for programs. */
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
   * Never throws: the action has happened already and must not look as if it had failed. A record
   * that cannot be written is logged instead.
   * @returns whether it was written
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
