import { FRAGMENTS, type Operation } from '@remote-access/contracts/platform';
import type { Tenant } from '../store/tenant';
import { formatRow } from './smartrest-lines';

export const SERIAL = 'c8y_Serial';

/**
 * The row that announces an operation on `s/ds`: `530,SERIAL,HOST,PORT,KEY`, where the serial number is
 * that of the device or child device.
 *
 * @returns `undefined` for operations without a static template
 */
export function operationRow(tenant: Tenant, operation: Operation): string | undefined {
  const connect: unknown = operation[FRAGMENTS.connect];
  if (typeof connect !== 'object' || connect === null) return undefined;
  const { hostname, port, connectionKey } = connect as Record<string, unknown>;
  const serial = serialOf(tenant, operation.deviceId) ?? operation.deviceId;
  return formatRow(['530', serial, ...[hostname, port, connectionKey].map(asText)]);
}

/** The operation as published on `devicecontrol/notifications`. */
export function operationNotification(tenant: Tenant, operation: Operation): string {
  const externalId = serialOf(tenant, operation.deviceId);
  return JSON.stringify({
    ...operation,
    ...(externalId !== undefined && { externalSource: { externalId, type: SERIAL } }),
  });
}

export function deviceWithSerial(tenant: Tenant, serial: string): string | undefined {
  return tenant.externalIds.get(`${SERIAL}:${serial}`)?.managedObjectId;
}

function serialOf(tenant: Tenant, deviceId: string): string | undefined {
  const ids = tenant.externalIds.list();
  return ids.find(one => one.managedObjectId === deviceId && one.type === SERIAL)?.externalId;
}

/** The fields are chosen by whoever creates the operation, so they may have any type. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
