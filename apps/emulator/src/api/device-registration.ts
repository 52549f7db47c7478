import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import { deviceAccount } from '../seed/devices';
import { randomPassword } from '../seed/people';
import type { Store } from '../store/store';
import type { NewDeviceRequest } from '../store/tenant';
import { answers, type Call, type Outcome, type Route } from '../rest/call';
import { pageOf } from '../rest/collection-query';

const ADMIN = ['ROLE_DEVICE_CONTROL_ADMIN'];
const READ = ['ROLE_DEVICE_CONTROL_READ', ...ADMIN];

/**
 * Registration of new devices: a user enters the device's id, the device requests credentials as
 * the bootstrap user, the user accepts it, and the device receives its own credentials, once.
 */
export const deviceRegistrationRoutes: readonly Route[] = [
  { method: 'GET', path: '/devicecontrol/newDeviceRequests', roles: READ, handle: list },
  { method: 'POST', path: '/devicecontrol/newDeviceRequests', roles: ADMIN, handle: announce },
  { method: 'GET', path: '/devicecontrol/newDeviceRequests/:id', roles: READ, handle: get },
  { method: 'PUT', path: '/devicecontrol/newDeviceRequests/:id', roles: ADMIN, handle: accept },
  { method: 'DELETE', path: '/devicecontrol/newDeviceRequests/:id', roles: ADMIN, handle: remove },
  {
    method: 'POST',
    path: '/devicecontrol/deviceCredentials',
    roles: ['ROLE_DEVICE_BOOTSTRAP'],
    handle: credentials,
  },
];

/** The credentials of a registered device. */
export interface DeviceCredentials {
  readonly tenantId: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Gives a device its credentials if its registration was accepted, which completes the
 * registration. Otherwise the request shows users that the device is waiting.
 */
export function collectCredentials(store: Store, id: string): DeviceCredentials | undefined {
  for (const tenant of store.listTenants()) {
    const request = tenant.newDeviceRequests.get(id);
    if (!request) continue;
    if (request.status !== 'ACCEPTED') {
      tenant.newDeviceRequests.put({ ...request, status: 'PENDING_ACCEPTANCE' });
      return undefined;
    }
    tenant.newDeviceRequests.delete(id);
    const account = tenant.accounts.put(deviceAccount(id, randomPassword()));
    return { tenantId: tenant.name, username: account.id, password: account.password };
  }
  return undefined;
}

function list(call: Call): Outcome {
  const page = pageOf(call.tenant.newDeviceRequests.list(), call);
  if (page instanceof PlatformRefusal) return page;
  const newDeviceRequests = page.items.map(one => present(call, one));
  return answers.ok({ newDeviceRequests, ...page.frame });
}

function announce(call: Call): Outcome {
  const { id } = call.body;
  if (typeof id !== 'string' || !/^[^:/\s]{1,255}$/.test(id)) {
    return refusals.invalid('devicecontrol', 'id is mandatory, without colons and spaces');
  }
  const { store } = call.platform;
  if (store.listTenants().some(tenant => tenant.newDeviceRequests.get(id))) {
    return refusals.invalid('devicecontrol', `A request for the device '${id}' exists`);
  }
  const request = call.tenant.newDeviceRequests.put({
    id,
    status: 'WAITING_FOR_CONNECTION',
    owner: call.user.id,
    creationTime: store.now().toISOString(),
  });
  const shown = present(call, request);
  return answers.created(shown, shown.self);
}

function get(call: Call): Outcome {
  const request = call.tenant.newDeviceRequests.get(call.params['id']!);
  return request ? answers.ok(present(call, request)) : unknown(call);
}

function accept(call: Call): Outcome {
  const request = call.tenant.newDeviceRequests.get(call.params['id']!);
  if (!request) return unknown(call);
  if (call.body['status'] !== 'ACCEPTED' || request.status === 'WAITING_FOR_CONNECTION') {
    return refusals.invalid(
      'devicecontrol',
      `The status cannot change from ${request.status} to ${String(call.body['status'])}`,
    );
  }
  const accepted = call.tenant.newDeviceRequests.put({ ...request, status: 'ACCEPTED' });
  return answers.ok(present(call, accepted));
}

function remove(call: Call): Outcome {
  return call.tenant.newDeviceRequests.delete(call.params['id']!)
    ? answers.noContent()
    : unknown(call);
}

function credentials(call: Call): Outcome {
  const { id } = call.body;
  const own = typeof id === 'string' ? collectCredentials(call.platform.store, id) : undefined;
  if (!own) {
    return refusals.notFound('devicecontrol', `There are no credentials for '${String(id)}' yet`);
  }
  const self = `${call.origin}/devicecontrol/deviceCredentials/${String(id)}`;
  return answers.created({ id, ...own, self }, self);
}

function unknown(call: Call): PlatformRefusal {
  const { id } = call.params;
  return refusals.notFound('devicecontrol', `There is no request for the device '${id}'`);
}

function present(call: Call, request: NewDeviceRequest) {
  const self = `${call.origin}/devicecontrol/newDeviceRequests/${encodeURIComponent(request.id)}`;
  return { ...request, self };
}
