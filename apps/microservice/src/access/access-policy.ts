import { Global, Injectable, Module } from '@nestjs/common';
import {
  type DeviceId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { CONFIGURE_ROLES, grants, ROLES, ROLE_WORDS } from '@remote-access/contracts/platform';
import { askedEarly, lineageOf } from '../platform/platform-client';
import { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import { TenantDirectory } from '../platform/tenant-directory';
import { SETTINGS, type Settings } from '../settings/settings';
import type { Caller, ShownRights } from './caller';
import { Gateway } from './gateway';
import { FailedSignIns } from './guess-limits';

/** Permissions of an inventory role that equal ADMIN for device control on that device. */
const DEVICE_CONTROL_ADMIN = /^(OPERATION|\*):\*:(ADMIN|\*)$/;

/** Permissions of an inventory role that equal READ for the inventory on that device. */
const INVENTORY_READ = /^(MANAGED_OBJECT|\*):\*:(READ|\*)$/;

/** The maximum number of objects that are read: a device, its groups and its parent devices. */
const MAX_LINEAGE = 50;

/** `read` covers seeing endpoints and connecting to them, `configure` changing them. */
export type Purpose = 'read' | 'configure';

/** A caller who may use a gateway. */
export interface GatewayAccess {
  readonly caller: Caller;
  readonly gateway: Gateway;
}

/**
 * Decides who may do what. It asks the platform on every request, so that a revoked role takes
 * effect at once, and no user ever gets an answer that was cached for another.
 */
@Injectable()
export class AccessPolicy {
  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly tenants: TenantDirectory,
    private readonly signIns: FailedSignIns,
  ) {}

  /**
   * The whole decision for a request about a gateway: sign-in, roles, device. The order matters:
   * callers without a role must not learn which devices exist.
   */
  async authorize(
    credentials: CallerCredentials | undefined,
    deviceId: DeviceId,
    purpose: Purpose,
    onCaller?: (caller: Caller) => void,
  ): Promise<GatewayAccess | Refusal> {
    if (!credentials) return new RemoteAccessError('unauthenticated');
    // Read at the same time, but not used until the caller is known and may see it.
    let reading: Promise<Gateway | Refusal> | undefined;
    const caller = await this.caller(credentials, () => {
      if (purpose === 'read') reading = askedEarly(this.device(credentials, deviceId));
    });
    if (isRefusal(caller)) return caller;
    onCaller?.(caller);
    if (purpose === 'configure') return this.authorizeToConfigure(caller, credentials, deviceId);
    const refusal = this.mayRead(caller);
    if (refusal) return refusal;
    const gateway = await reading!;
    if (isRefusal(gateway)) return gateway;
    return { caller: await this.withGroups(caller, deviceId), gateway };
  }

  /** {@link authorize} for a caller whose identity is already known. */
  async authorizeToConfigure(
    caller: Caller,
    credentials: CallerCredentials,
    deviceId: DeviceId,
  ): Promise<GatewayAccess | Refusal> {
    const refusal = this.mayConfigure(caller, deviceId);
    if (refusal && !this.mayOperateByGroup(caller, deviceId)) return refusal;
    const gateway = await this.device(credentials, deviceId);
    if (isRefusal(gateway)) return gateway;
    const member = await this.withGroups(caller, deviceId);
    return this.mayConfigure(member, deviceId) ?? { caller: member, gateway };
  }

  /**
   * The user with these credentials. Refusals: `unauthenticated`, `forbidden`, `platform-…`, and
   * `too-many-requests` after too many failed sign-ins, without asking the platform.
   *
   * @param meanwhile called unless sign-ins are locked out; sends other requests with these credentials, so that
   *   they run at the same time
   */
  async caller(
    credentials: CallerCredentials | undefined,
    meanwhile?: () => void,
  ): Promise<Caller | Refusal> {
    if (!credentials) return new RemoteAccessError('unauthenticated');
    const attempt = this.signIns.begin(credentials);
    if (isRefusal(attempt)) return attempt;
    meanwhile?.();
    let known: Caller | Refusal | undefined;
    try {
      known = await this.known(credentials);
      return known;
    } finally {
      attempt(outcomeOf(known));
    }
  }

  private async known(credentials: CallerCredentials): Promise<Caller | Refusal> {
    const platform = this.cumulocity.as(credentials);
    try {
      const [user, tenant] = await Promise.all([platform.currentUser(), platform.tenant()]);
      if (!(await this.tenants.has(tenant))) {
        const detail = 'Your tenant is not subscribed to remote access.';
        return new RemoteAccessError('forbidden', { detail });
      }
      const roles = new Set(user.effectiveRoles.map(role => role.name));
      return {
        tenant,
        userName: user.userName,
        roles,
        devicePermissions: user.devicePermissions ?? {},
        isDevice: roles.has(ROLES.device),
      };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Both calls need the same right.
      return error.code === 'forbidden' ? missing([ROLES.ownUserRead])! : error;
    }
  }

  /** Whether a caller may see endpoints. Connecting is also decided by the platform. */
  mayRead(caller: Caller): Refusal | undefined {
    return missing([ROLES.remoteAccessRead].filter(role => !grants(caller.roles, role)));
  }

  /**
   * Whether a caller may add, change and remove endpoints of a device; without one, of every device.
   */
  mayConfigure(caller: Caller, deviceId?: DeviceId): Refusal | undefined {
    const onDevice = deviceId === undefined ? [] : (caller.devicePermissions[deviceId] ?? []);
    return missing(
      CONFIGURE_ROLES.filter(role => {
        if (grants(caller.roles, role)) return false;
        const byInventoryRole =
          (deviceId !== undefined && caller.operatesByGroup === deviceId) ||
          onDevice.some(permission => DEVICE_CONTROL_ADMIN.test(permission));
        return !(role === ROLES.deviceControlAdmin && byInventoryRole);
      }),
    );
  }

  /**
   * Whether only the platform's hierarchy can tell if a caller may configure a device: the caller
   * may operate devices, but through another object, which may be a group.
   */
  private mayOperateByGroup(caller: Caller, deviceId: DeviceId): boolean {
    const isOnlyMissing = !this.mayConfigure({ ...caller, operatesByGroup: deviceId }, deviceId);
    const isMissing = this.mayConfigure(caller, deviceId) !== undefined;
    return isOnlyMissing && isMissing && operated(caller).length > 0;
  }

  /**
   * The platform may grant the right on a group without listing it for the devices in the group. In
   * that case the groups and parents of the device are read.
   */
  private async withGroups(caller: Caller, deviceId: DeviceId): Promise<Caller> {
    if (!this.mayOperateByGroup(caller, deviceId)) return caller;
    const groups = new Set(operated(caller));
    const platform = this.cumulocity.asService(caller.tenant);
    const above = ['assetParents', 'deviceParents'] as const;
    for await (const { id } of lineageOf(platform, deviceId, above, MAX_LINEAGE)) {
      if (groups.has(id)) return { ...caller, operatesByGroup: deviceId };
    }
    return caller;
  }

  /** What the platform reveals about a caller's rights to a gateway. */
  shownRights(caller: Caller, gateway: Gateway): ShownRights {
    return {
      operate: sourcesOf(caller, gateway, ROLES.deviceControlAdmin, DEVICE_CONTROL_ADMIN),
      see: sourcesOf(caller, gateway, ROLES.inventoryRead, INVENTORY_READ),
    };
  }

  /** @returns `forbidden`, naming the right, if a right that was visible earlier is gone */
  lostRights(before: ShownRights, now: ShownRights, deviceId: DeviceId): Refusal | undefined {
    const isGone = (earlier: readonly string[], current: readonly string[]): boolean => {
      const sufficient = ['role', 'owner', deviceId, ...earlier];
      return earlier.length > 0 && !current.some(source => sufficient.includes(source));
    };
    const gone = [
      ...(isGone(before.operate, now.operate) ? [ROLES.deviceControlAdmin] : []),
      ...(isGone(before.see, now.see) ? [ROLES.inventoryRead] : []),
    ];
    return missing(gone);
  }

  /** Whether a caller may configure endpoints of at least one device. */
  mayConfigureSome(caller: Caller): Refusal | undefined {
    const everywhere = this.mayConfigure(caller);
    const devices = Object.keys(caller.devicePermissions);
    return devices.some(device => !this.mayConfigure(caller, device)) ? undefined : everywhere;
  }

  /** Everyone who connects must see the notice and know whether remote access is enabled. */
  maySeeSettings(caller: Caller): Refusal | undefined {
    return caller.roles.has(ROLES.optionAdmin) ? undefined : this.mayRead(caller);
  }

  mayChangeSettings(caller: Caller): Refusal | undefined {
    return missing([ROLES.optionAdmin].filter(role => !grants(caller.roles, role)));
  }

  /** Changing keys re-seals the endpoints of every gateway of the tenant. */
  mayChangeKeys(caller: Caller): Refusal | undefined {
    const needed = [ROLES.remoteAccessAdmin, ROLES.optionAdmin];
    return missing(needed.filter(role => !grants(caller.roles, role)));
  }

  /**
   * The device, read with the caller's own credentials, so that the platform's permissions on
   * individual devices apply. Refusals: `device-not-found`, also if the platform forbids access, so
   * that nobody learns which devices exist; `unauthenticated`, `platform-…`.
   */
  async device(credentials: CallerCredentials, deviceId: DeviceId): Promise<Gateway | Refusal> {
    try {
      const managedObject = await this.cumulocity.as(credentials).managedObject(deviceId);
      return managedObject ? new Gateway(managedObject) : new RemoteAccessError('device-not-found');
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return error.code === 'forbidden'
        ? new RemoteAccessError('device-not-found', { cause: error })
        : error;
    }
  }
}

/** A caller who gets 403 from the platform has valid credentials. */
function outcomeOf(known: Caller | Refusal | undefined): 'good' | 'bad' | 'unknown' {
  if (known === undefined) return 'unknown';
  if (!isRefusal(known) || known.code === 'forbidden') return 'good';
  return known.code === 'unauthenticated' ? 'bad' : 'unknown';
}

/** The devices and groups that a caller may operate by an inventory role. */
function operated({ devicePermissions }: Caller): readonly string[] {
  return devicesWith(devicePermissions, DEVICE_CONTROL_ADMIN);
}

/** The devices and groups on which an inventory role gives a permission. */
function devicesWith(
  permissions: Caller['devicePermissions'],
  permission: RegExp,
): readonly string[] {
  return Object.keys(permissions).filter(device =>
    permissions[device]?.some(one => permission.test(one)),
  );
}

/** Where a right comes from; see {@link ShownRights}. */
function sourcesOf(
  { roles, devicePermissions, userName }: Caller,
  { id, managedObject }: Gateway,
  role: string,
  permission: RegExp,
): readonly string[] {
  if (roles.has(role)) return ['role'];
  if (managedObject.owner === userName) return ['owner'];
  const devices = devicesWith(devicePermissions, permission);
  return devices.includes(id) ? [id] : devices;
}

/** @returns `forbidden`, naming the missing permissions, if there are any */
function missing(roles: readonly string[]): Refusal | undefined {
  if (roles.length === 0) return undefined;
  const words = roles.map(role => ROLE_WORDS[role] ?? role).join(' and ');
  return new RemoteAccessError('forbidden', { detail: `You need the permission ${words}.` });
}

@Global()
@Module({
  providers: [
    AccessPolicy,
    {
      provide: FailedSignIns,
      useFactory: (settings: Settings) => new FailedSignIns(settings),
      inject: [SETTINGS],
    },
  ],
  exports: [AccessPolicy],
})
export class AccessModule {}
