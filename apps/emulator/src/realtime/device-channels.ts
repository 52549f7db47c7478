import type { Operation } from '@remote-access/contracts/platform';
import type { Caller } from '../auth/caller';
import { owns } from '../auth/device-access';
import type { Change } from '../store/changes';
import type { Store } from '../store/store';
import type { ChannelRefusal, ChannelSpace } from './channel-space';

/**
 * `/notification/operations`: `/{deviceId}`, for the device's own user. It tells of each new
 * operation of the device and of its child devices; the data is the operation itself.
 */
export class DeviceChannels implements ChannelSpace {
  constructor(private readonly store: Store) {}

  refusal(channel: string, caller: Caller): ChannelRefusal | undefined {
    const [, deviceId] = /^\/([^/*]+)$/.exec(channel) ?? [];
    return deviceId && this.isOwn(deviceId, caller)
      ? undefined
      : { code: 403, text: 'Access is denied' };
  }

  channelsOf({ tenant, area, action, deviceId, data }: Change): string[] {
    if (area !== 'operations' || action !== 'CREATE') return [];
    if ((data as Operation).status !== 'PENDING') return [];
    const ids = this.store.tenant(tenant)?.hierarchy.selfAndAncestors(deviceId, 'childDevices');
    return (ids ?? []).map(id => `/${id}`);
  }

  dataOf({ data }: Change): unknown {
    return data;
  }

  mayReceive({ deviceId }: Change, caller: Caller): boolean {
    return this.isOwn(deviceId, caller);
  }

  private isOwn(deviceId: string, { tenant: tenantName, user }: Caller): boolean {
    const tenant = this.store.tenant(tenantName);
    return user.isDevice && tenant !== undefined && owns(user, tenant, deviceId);
  }
}
