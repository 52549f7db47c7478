import type { ManagedObject } from '@remote-access/contracts/platform';
import type { PlatformCalls } from '../../host/platform-calls';

/** An address to suggest, with the name of the device it belongs to. */
export interface KnownAddress {
  readonly address: string;
  readonly name: string;
}

/**
 * Enough for a list of suggestions; the gateway of a large plant may have thousands of child
 * devices.
 */
const MAX_CHILDREN = 200;

/** The gateway itself, as seen by its agent. */
export const LOCALHOST = 'localhost';

/**
 * The addresses of the devices behind a gateway, from the inventory. Empty if they cannot be read:
 * missing suggestions do not justify an error.
 */
export async function childDeviceAddresses(
  platform: PlatformCalls,
  gatewayId: string,
): Promise<KnownAddress[]> {
  const id = encodeURIComponent(gatewayId);
  const path = `/inventory/managedObjects/${id}/childDevices?pageSize=${MAX_CHILDREN}`;
  const { status, body } = await platform.call('GET', path);
  const references = (body as { references?: unknown } | undefined)?.references;
  if (status !== 200 || !Array.isArray(references)) return [];
  const known = new Map<string, KnownAddress>();
  for (const { managedObject } of references as { managedObject?: ManagedObject }[]) {
    if (!managedObject) continue;
    for (const address of addressesOf(managedObject)) {
      known.set(address, { address, name: managedObject.name ?? managedObject.id });
    }
  }
  return [...known.values()].sort((one, other) => one.name.localeCompare(other.name));
}

/** Fragments in which agents store the address of a device. */
const FRAGMENTS = ['c8y_Network', 'c8y_Address', 'c8y_IPAddress', 'c8y_ModbusDevice'];
const FIELD = /^(ip|ipaddress|address|hostname|host|ipv4|ipv6)$/i;

/** `c8y_Network` contains a nested fragment for each interface. */
const MAX_DEPTH = 3;

/** An IP address or a name with a dot. A postal address, which agents also store, is neither. */
const ADDRESS = /^([\w-]+(\.[\w-]+)+|[\da-f:]*:[\da-f:.]+)$/i;

/** The addresses in a managed object. */
export function addressesOf(managedObject: ManagedObject): string[] {
  const found = FRAGMENTS.flatMap(fragment => texts(managedObject[fragment], MAX_DEPTH));
  return [...new Set(found)];
}

function texts(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return isAddress(value) ? [value.trim()] : [];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'object' || FIELD.test(name) ? texts(inner, depth - 1) : [],
  );
}

function isAddress(text: string): boolean {
  const trimmed = text.trim();
  return ADDRESS.test(trimmed) && !/^0\.0\.0\.0$/.test(trimmed);
}
