import { mayAccess, roleFor, type AccessScope } from '../auth/device-access';
import type { Caller } from '../auth/caller';
import type { Change } from '../store/changes';
import type { Store } from '../store/store';
import type { ChannelRefusal, ChannelSpace } from './channel-space';

const SCOPES: Readonly<Record<Change['area'], AccessScope>> = {
  operations: 'OPERATION',
  managedobjects: 'MANAGED_OBJECT',
  alarms: 'ALARM',
  events: 'EVENT',
};

/** Areas that can be subscribed to with all that is below an object. */
const WITH_CHILDREN: readonly Change['area'][] = ['alarms', 'events'];

const CHANNEL = /^\/(operations|managedobjects|alarms|events)(WithChildren)?\/(\*|[^/*]+)$/;

/**
 * `/notification/realtime`: `/{area}/{id}` and `/{area}/*` for operations, managedobjects, alarms
 * and events; `/alarmsWithChildren/{id}` and `/eventsWithChildren/{id}`. What is told:
 * `{realtimeAction: "CREATE" | "UPDATE" | "DELETE", data: the object, or its id when deleted}`.
 */
export class RealtimeChannels implements ChannelSpace {
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
    // The same answer to an object of somebody else and to none: who asks learns nothing.
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

const FORBIDDEN: ChannelRefusal = { code: 403, text: 'Access is denied' };
