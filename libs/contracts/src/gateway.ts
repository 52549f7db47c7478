import { PROTOCOLS, type Protocol } from './endpoint';
import { FRAGMENTS, type ManagedObject } from './platform/managed-object';

/** Whether a device declares that it executes remote access operations. */
export function isGateway(device: ManagedObject): boolean {
  const declared: unknown = device.c8y_SupportedOperations;
  return Array.isArray(declared) && declared.includes(FRAGMENTS.connect);
}

/**
 * The protocols that a gateway declares, compared case-insensitively. Unknown names are ignored; an
 * absent list, or one without a known name, allows all.
 */
export function allowedProtocols(gateway: ManagedObject): readonly Protocol[] {
  const declared = gateway[FRAGMENTS.supportedProtocols];
  const names = new Set(
    Array.isArray(declared)
      ? declared.map(name => (typeof name === 'string' ? name.toUpperCase() : ''))
      : [],
  );
  const known = PROTOCOLS.filter(protocol => names.has(protocol));
  return known.length > 0 ? known : PROTOCOLS;
}
