import { Global, Injectable, Module } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import type { AuditRecordBody } from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import { Cumulocity } from '../platform/cumulocity';

/** What happened, to what, and by whom. */
export interface AuditEntry {
  readonly type: 'Inventory' | 'Option' | 'Operation';
  /** Id of the managed object or the operation. */
  readonly sourceId: string;
  /** A few words, the same for the same kind of event. */
  readonly activity: string;
  /** One sentence; never a secret. */
  readonly text: string;
  /** User name of who did it. */
  readonly user: string;
}

/** Writes what people did into the platform's audit log. */
@Injectable()
export class AuditTrail {
  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  /**
   * Never fails: what is recorded has happened already, and who did it must not be told that it
   * did not. A record that could not be written stands in the log instead.
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
