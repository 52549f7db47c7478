import { PROTOCOLS, type Protocol } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';

/** Whether a device takes remote access operations. Only then it has the tab. */
export function isGateway(device: ManagedObject): boolean {
  const declared: unknown = device.c8y_SupportedOperations;
  return Array.isArray(declared) && declared.includes(FRAGMENTS.connect);
}

/**
 * The protocols a gateway allows: the known ones it lists, in any case of letters. A list without
 * a known one does not limit.
 */
export function allowedProtocols(device: ManagedObject): readonly Protocol[] {
  const listed: unknown = device['c8y_RemoteAccessSupportedProtocols'];
  if (!Array.isArray(listed)) return PROTOCOLS;
  const names = new Set(listed.map(name => String(name).toUpperCase()));
  const allowed = PROTOCOLS.filter(protocol => names.has(protocol));
  return allowed.length ? allowed : PROTOCOLS;
}
