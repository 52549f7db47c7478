import { Injectable } from '@nestjs/common';
import type { DeviceId, EndpointId, Refusal, TenantId } from '@remote-access/contracts';
import { AuditTrail } from './audit-trail';

/** Records per user within {@link WINDOW_MS}; a program that keeps trying must not fill the log. */
const MAX_RECORDS = 10;
const WINDOW_MS = 60_000;

/** Users that are counted at the same time; the oldest is dropped first. */
const MAX_USERS = 10_000;

/** Failures of the service or the platform, which refuse nobody anything. */
const NO_REFUSAL = /^(platform-|internal|shutting-down)/;

/** Refusals that do not tell the caller whether the gateway exists. */
const NO_GATEWAY = ['forbidden', 'device-not-found'];

interface Count {
  readonly since: number;
  records: number;
  /** Refusals that were not recorded since the last record. */
  skipped: number;
}

/** Records refused attempts to connect in the audit log. */
@Injectable()
export class RefusedAttempts {
  private readonly counts = new Map<string, Count>();

  constructor(private readonly audit: AuditTrail) {}

  /** Does not wait: recording must not delay the refusal. */
  record(
    { tenant, userName: user }: { readonly tenant: TenantId; readonly userName: string },
    deviceId: DeviceId,
    endpointId: EndpointId,
    refusal: Refusal,
  ): void {
    if (NO_REFUSAL.test(refusal.code)) return;
    const count = this.countOf(`${tenant}/${user}`);
    if (count.records >= MAX_RECORDS) {
      count.skipped += 1;
      return;
    }
    count.records += 1;
    const more = count.skipped === 0 ? '' : `; ${count.skipped} earlier attempts were not recorded`;
    count.skipped = 0;
    const text =
      `Connection to endpoint ${endpointId} of device ${deviceId} refused ` +
      `(${refusal.code}: ${refusal.message})${more}`;
    const entry = { type: 'Inventory', activity: 'Remote access refused', text, user } as const;
    const isVisible = !NO_GATEWAY.includes(refusal.code);
    void this.audit.record(tenant, isVisible ? { ...entry, sourceId: deviceId } : entry);
  }

  private countOf(who: string): Count {
    const known = this.counts.get(who);
    const isCurrent = known !== undefined && performance.now() - known.since < WINDOW_MS;
    const count = isCurrent
      ? known
      : { since: performance.now(), records: 0, skipped: known?.skipped ?? 0 };
    this.counts.delete(who);
    this.counts.set(who, count);
    if (this.counts.size > MAX_USERS) {
      const [oldest] = this.counts.keys();
      this.counts.delete(oldest!);
    }
    return count;
  }
}
