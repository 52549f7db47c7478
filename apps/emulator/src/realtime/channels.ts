import type { Caller } from '../auth/caller';
import type { Change } from '../store/collection';
import type { Operation } from '@remote-access/contracts/platform';
import { type AccessScope, mayAccess, owns, roleFor } from '../auth/device-access';
import type { Store } from '../store/store';

/** Why a caller may not subscribe to a channel. */
export interface ChannelRefusal {
  /** An HTTP status. */
  readonly code: number;
  readonly text: string;
}

const FORBIDDEN: ChannelRefusal = { code: 403, text: 'Access is denied' };

/** The channels of one Bayeux URL: who may subscribe to them, and what they carry. */
export interface ChannelSet {
  /** @returns why the caller may not subscribe; `undefined` if it may */
  refusal(channel: string, caller: Caller): ChannelRefusal | undefined;
  /** A client starts listening on a channel. @returns a function to call when it stops */
  listens?(channel: string, caller: Caller): () => void;
  /** The channels on which a change is published. */
  channelsOf(change: Change): string[];
  /** The data to publish. */
  dataOf(change: Change): unknown;
  /** Whether a subscriber may read the change now. */
  mayReceive(change: Change, caller: Caller): boolean;
}

/**
 * `/notification/operations`: `/{deviceId}`, for the device's own user. It carries every new
 * operation of the device and of its child devices; the data is the operation itself.
 */
export class DeviceChannels implements ChannelSet {
  constructor(private readonly store: Store) {}

  refusal(channel: string, caller: Caller): ChannelRefusal | undefined {
    const [, deviceId] = /^\/([^/*]+)$/.exec(channel) ?? [];
    return deviceId && this.isOwn(deviceId, caller) ? undefined : FORBIDDEN;
  }

  listens(channel: string, { tenant }: Caller): () => void {
    return this.store.presence.listens(tenant, channel.slice(1));
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

const SCOPES: Readonly<Record<Change['area'], AccessScope>> = {
  operations: 'OPERATION',
  managedobjects: 'MANAGED_OBJECT',
  alarms: 'ALARM',
  events: 'EVENT',
};

/** Areas with channels that include an object's descendants. */
const WITH_CHILDREN: readonly Change['area'][] = ['alarms', 'events'];

const CHANNEL = /^\/(operations|managedobjects|alarms|events)(WithChildren)?\/(\*|[^/*]+)$/;

/**
 * `/notification/realtime`: `/{area}/{id}` and `/{area}/*` for operations, managedobjects, alarms
 * and events; `/alarmsWithChildren/{id}` and `/eventsWithChildren/{id}`. The data is
 * `{realtimeAction: "CREATE" | "UPDATE" | "DELETE", data: the object, or its id when deleted}`.
 */
export class RealtimeChannels implements ChannelSet {
  constructor(private readonly store: Store) {}

  refusal(channel: string, { tenant: tenantName, user }: Caller): ChannelRefusal | undefined {
    const [, area, withChildren, id] = CHANNEL.exec(channel) ?? [];
    if (!area || !id || (withChildren && !WITH_CHILDREN.includes(area as Change['area']))) {
      return { code: 501, text: 'This channel is not emulated' };
    }
    const scope = SCOPES[area as Change['area']];
    if (id === '*') {
      return user.effectiveRoles.has(roleFor(scope, 'READ')) ? undefined : FORBIDDEN;
    }
    const tenant = this.store.tenant(tenantName);
    // The same response as for an object without permission, so that it does not reveal which
    // objects exist.
    if (!tenant?.managedObjects.get(id)) return FORBIDDEN;
    return mayAccess(user, tenant, id, scope, 'READ') ? undefined : FORBIDDEN;
  }

  channelsOf({ tenant, area, deviceId }: Change): string[] {
    const channels = [`/${area}/${deviceId}`];
    if (WITH_CHILDREN.includes(area)) {
      const ids = this.store.tenant(tenant)?.hierarchy.selfAndAncestors(deviceId) ?? [];
      channels.push(...ids.map(id => `/${area}WithChildren/${id}`));
    }
    return channels;
  }

  dataOf({ action, data }: Change): unknown {
    return { realtimeAction: action, data };
  }

  mayReceive({ area, deviceId, data }: Change, { tenant: tenantName, user }: Caller): boolean {
    const tenant = this.store.tenant(tenantName);
    const fragments = typeof data === 'object' && data !== null ? Object.keys(data) : [];
    return (
      tenant !== undefined && mayAccess(user, tenant, deviceId, SCOPES[area], 'READ', fragments)
    );
  }
}
