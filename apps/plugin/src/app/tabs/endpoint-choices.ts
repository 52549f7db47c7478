import type { EndpointEntry } from '../endpoints/endpoint-client';
import type { KnownEndpoint } from '../favourites/known-endpoints';

/** The endpoints of a gateway to which a page can connect, sorted by name. */
export function gatewayChoices(
  entries: readonly EndpointEntry[],
  gateway: Pick<KnownEndpoint, 'deviceId' | 'deviceName'>,
): KnownEndpoint[] {
  return entries
    .filter(entry => !entry.damaged && !entry.changed && entry.protocol !== 'PASSTHROUGH')
    .map(({ id, name, protocol }) => ({
      ...gateway,
      ...{ endpointId: id, endpointName: name, protocol },
    }))
    .sort((one, other) => one.endpointName.localeCompare(other.endpointName));
}

/**
 * The user's favourites, then the most recently used endpoints; each once, and of other gateways
 * only.
 */
export function otherChoices(
  favourites: readonly KnownEndpoint[],
  recent: readonly KnownEndpoint[],
  deviceId: string,
): KnownEndpoint[] {
  const found = new Map<string, KnownEndpoint>();
  for (const one of [...favourites, ...recent]) {
    const isElsewhere = one.deviceId !== deviceId && one.protocol !== 'PASSTHROUGH';
    const key = `${one.deviceId}/${one.endpointId}`;
    if (isElsewhere && !found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}
