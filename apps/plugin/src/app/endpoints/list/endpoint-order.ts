import { addressText } from '@remote-access/contracts';
import type { EndpointEntry } from '../endpoint-client';

export const ORDER_KEYS = ['name', 'protocol', 'host'] as const;
export type OrderKey = (typeof ORDER_KEYS)[number];

export interface Order {
  readonly key: OrderKey;
  readonly descending: boolean;
}

/** Natural order: "PLC 2" comes before "PLC 10", "10.0.0.9" before "10.0.0.10". */
const TEXT = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** The endpoints that contain every word of the search, sorted. */
export function filterAndSort<Endpoint extends EndpointEntry>(
  endpoints: readonly Endpoint[],
  search: string,
  { key, descending }: Order,
): Endpoint[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = endpoints.filter(endpoint => {
    const text = searchText(endpoint);
    return words.every(word => text.includes(word));
  });
  const compare = (one: Endpoint, other: Endpoint): number =>
    TEXT.compare(sortText(one, key), sortText(other, key)) || TEXT.compare(one.name, other.name);
  return found.sort((one, other) => (descending ? compare(other, one) : compare(one, other)));
}

function searchText(endpoint: EndpointEntry): string {
  const { name, protocol, credentials } = endpoint;
  const texts = [name, protocol, addressText(endpoint), credentials.username ?? ''];
  return texts.join('\n').toLocaleLowerCase();
}

function sortText(endpoint: EndpointEntry, key: OrderKey): string {
  switch (key) {
    case 'name':
      return endpoint.name;
    case 'protocol':
      return endpoint.protocol;
    case 'host':
      return addressText(endpoint);
    default:
      return key satisfies never;
  }
}
