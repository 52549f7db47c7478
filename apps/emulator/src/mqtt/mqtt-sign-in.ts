import type { DetailedPeerCertificate } from 'node:tls';
import { DEFAULT_TENANT, type Authentication, userOf } from '../auth/authentication';
import type { User } from '../auth/caller';
import { owns } from '../auth/device-access';
import { certifiedDevice } from '../auth/device-certificates';
import { PlatformRefusal } from '../auth/platform-refusal';
import { deviceAccount } from '../seed/devices';
import { randomPassword } from '../seed/people';
import type { Store } from '../store/store';
import type { Tenant } from '../store/tenant';
import { deviceWithSerial } from './operation-messages';

/** Return codes of MQTT 3.1.1, section 3.2.2.3. */
export const RETURN_CODES = { identifierRejected: 2, badCredentials: 4, notAuthorized: 5 } as const;
export type ReturnCode = (typeof RETURN_CODES)[keyof typeof RETURN_CODES];

/** The peer of a connection: a device, or one that has no credentials yet. */
export interface MqttCaller {
  readonly tenant: Tenant;
  readonly user: User;
  readonly serial: string;
  readonly isBootstrapping: boolean;
}

export interface Connect {
  /** `d:SERIAL:TEMPLATES`, `d:SERIAL` or `SERIAL`. */
  readonly clientId: string;
  /** `tenant/user`. */
  readonly userName: string | undefined;
  readonly password: string | undefined;
  /** The client's certificate, if it sent one; takes precedence over the password. */
  readonly certificate: DetailedPeerCertificate | undefined;
}

/** @returns `undefined` if it is malformed */
export function serialIn(clientId: string): string | undefined {
  const parts = clientId.split(':');
  const serial = parts.length === 1 ? parts[0] : parts[1];
  return serial && parts.length <= 3 ? serial : undefined;
}

/** Decides who may connect over MQTT. */
export function signInOverMqtt(
  store: Store,
  authentication: Authentication,
  { clientId, userName, password, certificate }: Connect,
): MqttCaller | ReturnCode {
  const serial = serialIn(clientId);
  if (serial === undefined) return RETURN_CODES.identifierRejected;
  if (certificate) return fromCertificate(store, serial, certificate);
  const [tenantName, name] = splitUserName(userName ?? '');
  const account = authentication.fromPassword(tenantName, name, password ?? '');
  if (account instanceof PlatformRefusal) return RETURN_CODES.badCredentials;
  const tenant = store.tenant(tenantName)!;
  const user = userOf(account);
  if (user.effectiveRoles.has('ROLE_DEVICE_BOOTSTRAP')) {
    return { tenant, user, serial, isBootstrapping: true };
  }
  return admit(tenant, user, serial);
}

/** If the client identifier names an existing object, the device's user must own it. */
function admit(tenant: Tenant, user: User, serial: string): MqttCaller | ReturnCode {
  const deviceId = deviceWithSerial(tenant, serial);
  const mayBe = deviceId === undefined ? user.isDevice : owns(user, tenant, deviceId);
  return mayBe ? { tenant, user, serial, isBootstrapping: false } : RETURN_CODES.notAuthorized;
}

function fromCertificate(
  store: Store,
  serial: string,
  certificate: DetailedPeerCertificate,
): MqttCaller | ReturnCode {
  const device = certifiedDevice(store, certificate);
  if (device?.commonName !== serial) return RETURN_CODES.notAuthorized;
  const { tenant, autoRegistrationEnabled } = device;
  const fresh = deviceAccount(serial, randomPassword());
  const known = tenant.accounts.get(fresh.id);
  if (known ? !known.enabled : !autoRegistrationEnabled) return RETURN_CODES.notAuthorized;
  return admit(tenant, userOf(known ?? tenant.accounts.put(fresh)), serial);
}

function splitUserName(userName: string): [tenant: string, name: string] {
  const slash = userName.indexOf('/');
  return slash < 0
    ? [DEFAULT_TENANT, userName]
    : [userName.slice(0, slash), userName.slice(slash + 1)];
}
