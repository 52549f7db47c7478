import { Injectable } from '@nestjs/common';
import {
  type DeviceId,
  isRefusal,
  MAX_REASON_LENGTH,
  printable,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { AuditTrail } from '../audit/audit-trail';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { Session } from '../sessions/session';
import { endedBy } from '../sessions/session-end';
import { SessionRegistry } from '../sessions/session-registry';

/** Devices that one request asks the platform for; the sessions of others are left out. */
const MAX_DEVICES = 200;

/** Questions to the platform at a time. */
const DEVICES_AT_A_TIME = 8;

/** Any device: what a role allows, and a permission on single devices does not. */
const NO_DEVICE: DeviceId = '';

export interface VisibleSessions {
  readonly caller: Caller;
  /** The oldest first. */
  readonly sessions: readonly Session[];
}

/** Which running sessions a caller may see, and their end at a caller's request. */
@Injectable()
export class SessionOverview {
  constructor(
    private readonly access: AccessPolicy,
    private readonly registry: SessionRegistry,
    private readonly audit: AuditTrail,
  ) {}

  async ofDevice(
    credentials: CallerCredentials | undefined,
    deviceId: DeviceId,
  ): Promise<VisibleSessions | Refusal> {
    const access = await this.access.authorize(credentials, deviceId, 'read');
    if (isRefusal(access)) return access;
    const { caller } = access;
    const hasAll = this.access.mayConfigure(caller, deviceId) === undefined;
    const all = this.registry.of(caller.tenant, deviceId);
    return { caller, sessions: all.filter(session => hasAll || isOwn(session, caller)) };
  }

  /** The caller's own, and those of the devices that the caller may see and configure. */
  async everywhere(credentials: CallerCredentials | undefined): Promise<VisibleSessions | Refusal> {
    const caller = await this.access.caller(credentials);
    if (isRefusal(caller)) return caller;
    const refusal = this.access.mayRead(caller, NO_DEVICE);
    if (refusal) return refusal;
    const all = this.registry.ofTenant(caller.tenant);
    const others = all.filter(session => !isOwn(session, caller)).map(deviceOf);
    const configurable = [...new Set(others)].filter(
      deviceId => this.access.mayConfigure(caller, deviceId) === undefined,
    );
    const seen = await this.seen(credentials!, configurable.slice(0, MAX_DEVICES));
    const sessions = all.filter(session => isOwn(session, caller) || seen.has(deviceOf(session)));
    return { caller, sessions };
  }

  async end(session: Session, caller: Caller, reason: string): Promise<void> {
    const { userName } = caller;
    const { gateway, endpoint, caller: owner } = session.subject;
    const because = reason === '' ? '.' : `: ${reason}`;
    session.end(
      endedBy('service', 'session-terminated', `"${userName}" ended the session${because}`),
    );
    await this.audit.record(caller.tenant, {
      type: 'Inventory',
      sourceId: gateway.id,
      activity: 'Remote access session terminated',
      text: `Session of "${owner.userName}" on endpoint "${endpoint.name}" ended${because}`,
      user: userName,
    });
  }

  /** Devices that the platform shows to the caller. */
  private async seen(
    credentials: CallerCredentials,
    deviceIds: readonly DeviceId[],
  ): Promise<ReadonlySet<DeviceId>> {
    const seen = new Set<DeviceId>();
    for (let at = 0; at < deviceIds.length; at += DEVICES_AT_A_TIME) {
      const some = deviceIds.slice(at, at + DEVICES_AT_A_TIME);
      const devices = await Promise.all(some.map(id => this.access.device(credentials, id)));
      devices.forEach((device, index) => {
        if (!isRefusal(device)) seen.add(some[index]!);
      });
    }
    return seen;
  }
}

/** @returns the reason as one printable line, empty if there is none; `malformed-request` */
export function readReason(body: unknown): string | Refusal {
  const { reason = '' } = Object(body) as { reason?: unknown };
  const isText = typeof reason === 'string' && reason.length <= MAX_REASON_LENGTH;
  if (isText) return printable(reason, MAX_REASON_LENGTH).trim();
  const detail = `reason must be text of at most ${MAX_REASON_LENGTH} characters.`;
  return new RemoteAccessError('malformed-request', { detail });
}

function isOwn({ subject }: Session, { userName }: Caller): boolean {
  return subject.caller.userName === userName;
}

function deviceOf({ subject }: Session): DeviceId {
  return subject.gateway.id;
}
