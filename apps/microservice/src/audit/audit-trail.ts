import { Global, Injectable, Module } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import type { AuditRecordBody } from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import { Cumulocity } from '../platform/cumulocity';

/** A record of what a user did. */
export interface AuditEntry {
  readonly type: 'Inventory' | 'Option' | 'Operation';
  /** Id of the managed object or operation, or name of the option. */
  readonly sourceId: string;
  /** A short label that all events of a kind share. */
  readonly activity: string;
  /** One sentence without secrets. */
  readonly text: string;
  /** The acting user's name. */
  readonly user: string;
}

/** Writes to the platform's audit log. */
@Injectable()
export class AuditTrail {
  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  /**
   * Never throws: the action has happened already and must not look as if it had failed. A record
   * that cannot be written is logged instead.
   */
  async record(tenant: TenantId, entry: AuditEntry): Promise<void> {
    const { type, sourceId, activity, text, user } = entry;
    const body: AuditRecordBody = {
      type,
      source: { id: sourceId },
      activity,
      text,
      user,
      time: new Date().toISOString(),
      severity: 'INFORMATION',
      application: 'cloud-remote-access',
    };
    try {
      await this.cumulocity.asService(tenant).createAuditRecord(body);
    } catch (cause) {
      this.log.error('An audit record could not be written', { tenant, ...entry, cause });
    }
  }
}

@Global()
@Module({ providers: [AuditTrail], exports: [AuditTrail] })
export class AuditModule {}
