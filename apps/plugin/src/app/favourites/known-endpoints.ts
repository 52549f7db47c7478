import type { DeviceId, EndpointId, Protocol } from '@remote-access/contracts';
import { readStored, writeStored } from '../ui/stored-preferences';

/** An endpoint of any gateway, with the names it had when it was last seen. */
export interface KnownEndpoint {
  readonly deviceId: DeviceId;
  readonly deviceName: string;
  readonly endpointId: EndpointId;
  readonly endpointName: string;
  readonly protocol: Protocol;
}

/** Older entries are dropped. */
const MAX_RECENT = 10;

/** A longer list would be useless. */
const MAX_FAVOURITES = 100;

/**
 * The user's favourite endpoints, and those used most recently, in this browser. Only names and ids
 * are stored; whether an endpoint may be used is decided when it is used.
 */
export class KnownEndpoints {
  private readonly key: string;

  /** @param user different users of one browser have separate lists */
  constructor(
    private readonly store: Pick<Storage, 'getItem' | 'setItem'>,
    user: string,
  ) {
    this.key = `remote-access.endpoints.${user}`;
  }

  get favourites(): KnownEndpoint[] {
    return this.read('favourites');
  }

  /** Most recent first. */
  get recent(): KnownEndpoint[] {
    return this.read('recent');
  }

  toggleFavourite(endpoint: KnownEndpoint): void {
    const others = this.favourites.filter(one => !isSame(one, endpoint));
    const wasFavourite = others.length < this.favourites.length;
    const favourites = wasFavourite ? others : [...others, endpoint].slice(-MAX_FAVOURITES);
    this.write({ favourites });
  }

  /** The user connects to an endpoint. Its names may have changed. */
  used(endpoint: KnownEndpoint): void {
    const others = this.recent.filter(one => !isSame(one, endpoint));
    this.write({
      recent: [endpoint, ...others].slice(0, MAX_RECENT),
      favourites: this.favourites.map(one => (isSame(one, endpoint) ? endpoint : one)),
    });
  }

  /** Forgets an endpoint, for example because it was removed. */
  forget(endpoint: KnownEndpoint): void {
    this.write({
      recent: this.recent.filter(one => !isSame(one, endpoint)),
      favourites: this.favourites.filter(one => !isSame(one, endpoint)),
    });
  }

  private read(list: 'favourites' | 'recent'): KnownEndpoint[] {
    const stored = readStored(this.store, this.key)[list];
    return Array.isArray(stored) ? stored.filter(isKnownEndpoint) : [];
  }

  private write(change: Partial<Record<'favourites' | 'recent', KnownEndpoint[]>>): void {
    const { favourites, recent } = this;
    writeStored(this.store, this.key, { favourites, recent, ...change });
  }
}

/** The endpoints that contain every word of a search. */
export function matching(endpoints: readonly KnownEndpoint[], search: string): KnownEndpoint[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return endpoints.filter(({ deviceName, endpointName, protocol }) => {
    const text = [deviceName, endpointName, protocol].join('\n').toLocaleLowerCase();
    return words.every(word => text.includes(word));
  });
}

function isSame(one: KnownEndpoint, other: KnownEndpoint): boolean {
  return one.deviceId === other.deviceId && one.endpointId === other.endpointId;
}

/** The storage may contain anything. */
function isKnownEndpoint(value: unknown): value is KnownEndpoint {
  const fields = Object(value) as Readonly<Record<string, unknown>>;
  return ['deviceId', 'deviceName', 'endpointId', 'endpointName', 'protocol'].every(
    field => typeof fields[field] === 'string',
  );
}
