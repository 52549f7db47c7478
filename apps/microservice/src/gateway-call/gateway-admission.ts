import { Injectable } from '@nestjs/common';
import {
  type DeviceAdmission,
  type DeviceId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import { AuditTrail } from '../audit/audit-trail';
import { askedEarly, lineageOf, type PlatformClient } from '../platform/platform-client';
import { Log } from '../logging/log';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import { TenantOptions } from '../tenant-settings/tenant-options';
import type { GatewayCall } from './gateway-call';

/**
 * The maximum number of devices whose owner is checked: the gateway and its parent devices, nearest
 * first.
 */
const MAX_LINEAGE = 16;

/** A device with its parents. */
type Lineage = ReturnType<PlatformClient['managedObjectWithParents']>;

/** The user who presents a connection key. */
interface DeviceUser {
  readonly userName: string;
  /** Whether the platform says that it is a device; `undefined` if it does not say. */
  readonly isDevice: boolean | undefined;
}

/**
 * Decides whether a user may connect as a gateway that is being called.
 *
 * On many tenants every device may read every operation, and with it every connection key. The user
 * therefore has to own the gateway or one of its parent devices, unless the tenant also admits
 * devices that can read the operation.
 */
@Injectable()
export class GatewayAdmission {
  constructor(
    private readonly access: AccessPolicy,
    private readonly cumulocity: Cumulocity,
    private readonly options: TenantOptions,
    private readonly audit: AuditTrail,
    private readonly log: Log,
  ) {}

  /**
   * @returns the refusal: `key-not-claimable`, `unauthenticated`, `too-many-requests`, `platform-…`
   */
  async refusal(
    credentials: CallerCredentials,
    connectionKey: string,
    call: GatewayCall,
  ): Promise<Refusal | undefined> {
    const notClaimable = new RemoteAccessError('key-not-claimable');
    // All three requests run at the same time, because the user is waiting.
    let operation: Promise<boolean> | undefined;
    let gateway: Lineage | undefined;
    const user = await this.userOf(credentials, call.tenant, () => {
      operation = askedEarly(this.mayRead(credentials, connectionKey, call));
      const platform = this.cumulocity.asService(call.tenant);
      gateway = askedEarly(platform.managedObjectWithParents(call.deviceId));
    });
    if (isRefusal(user)) return user;
    if (!user || user.isDevice === false) return notClaimable;
    if (!(await operation)) return notClaimable;
    if (await this.owns(user.userName, call.tenant, call.deviceId, gateway)) return undefined;

    if ((await this.admission(call.tenant)) === 'reader' && user.isDevice) {
      this.recordReader(user.userName, call);
      return undefined;
    }
    const { tenant, deviceId } = call;
    this.log.warn('A device that does not own the gateway was refused', {
      tenant,
      deviceId,
      user: user.userName,
    });
    call.refusedStranger(user.userName);
    return notClaimable;
  }

  /**
   * The user of a tenant with these credentials, `undefined` if they belong to another tenant. Some
   * devices may not query their own user (403); then the user name in the credentials is used, and
   * reading the operation proves that the credentials are valid.
   */
  private async userOf(
    credentials: CallerCredentials,
    tenant: TenantId,
    meanwhile: () => void,
  ): Promise<DeviceUser | Refusal | undefined> {
    const caller = await this.access.caller(credentials, meanwhile);
    if (!isRefusal(caller)) return caller.tenant === tenant ? caller : undefined;
    const { claimed } = credentials;
    if (caller.code !== 'forbidden' || !claimed) return caller;
    if (claimed.tenant !== undefined && claimed.tenant !== tenant) return undefined;
    return { userName: claimed.userName, isDevice: undefined };
  }

  /** Operation ids repeat between tenants, so the operation must contain the key. */
  private async mayRead(
    credentials: CallerCredentials,
    connectionKey: string,
    call: GatewayCall,
  ): Promise<boolean> {
    const operationId = await call.operationCreated;
    if (operationId === undefined) return false;
    try {
      const operation = await this.cumulocity.as(credentials).operation(operationId);
      return operation?.c8y_RemoteAccessConnect?.connectionKey === connectionKey;
    } catch (error) {
      if (isRefusal(error) && error.code === 'forbidden') return false;
      throw error;
    }
  }

  private async owns(
    userName: string,
    tenant: TenantId,
    device: DeviceId,
    gateway: Lineage | undefined,
  ): Promise<boolean> {
    const platform = this.cumulocity.asService(tenant);
    const early = (id: DeviceId): Lineage =>
      (id === device ? gateway : undefined) ?? platform.managedObjectWithParents(id);
    const walked = { managedObjectWithParents: early };
    for await (const { object } of lineageOf(walked, device, ['deviceParents'], MAX_LINEAGE)) {
      if (object?.owner === userName) return true;
    }
    return false;
  }

  /** Whether gateways of a tenant may connect with a malformed WebSocket key. */
  async acceptsAnyKey(tenant: TenantId): Promise<boolean> {
    return (await this.options.of(tenant)).malformedKeys;
  }

  private async admission(tenant: TenantId): Promise<DeviceAdmission> {
    return (await this.options.of(tenant)).deviceAdmission;
  }

  private recordReader(user: string, { tenant, deviceId, operationId }: GatewayCall): void {
    const text =
      `"${user}" connected for device ${deviceId} without owning it, because the setting ` +
      'remoteaccess.device.admission is "reader"';
    const activity = 'Remote access gateway admitted';
    void this.audit.record(tenant, {
      type: 'Operation',
      sourceId: operationId!,
      activity,
      text,
      user,
    });
  }
}
