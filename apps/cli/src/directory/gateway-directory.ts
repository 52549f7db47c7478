import { isGateway, printable, printableList } from '@remote-access/contracts';
import { FRAGMENTS, OWN_AGENT, type ManagedObject } from '@remote-access/contracts/platform';
import { CliFailure } from '../failures/failure';
import type { PlatformClient } from '../platform/platform-client';

export interface Gateway {
  readonly id: string;
  readonly name: string;
  readonly endpointCount: number;
  /** Whether the gateway declares that it executes remote access operations. */
  readonly isCapable: boolean;
  /** Whether the gateway's agent is known to carry many connections in one session. */
  readonly sharesSessions: boolean;
}

/** The platform's limit is 2000; a thousand gateways with their fragments take a few megabytes. */
const PAGE_SIZE = 1_000;

/** Further gateways are not listed; a search finds them. */
const MAX_PAGES = 50;

const WHAT = 'The gateways cannot be read';

/** Finds gateways by the names that people use for them. */
export class GatewayDirectory {
  /** Users who may see devices do not necessarily have permission to read external ids. */
  private maySearchSerials = true;

  constructor(private readonly client: PlatformClient) {}

  /** @param all whether to include gateways without endpoints */
  async list(all: boolean): Promise<Gateway[]> {
    const fragmentType = all ? 'c8y_SupportedOperations' : FRAGMENTS.list;
    const found: Gateway[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const objects = await this.query({ fragmentType, currentPage: String(page) });
      found.push(...objects.filter(one => isGateway(one) || !all).map(gatewayOf));
      if (objects.length < PAGE_SIZE) break;
    }
    return found.sort((left, right) => left.name.localeCompare(right.name));
  }

  /**
   * @param text an inventory id, an external id of type c8y_Serial, or a name
   * @throws {CliFailure} if there is none, or several
   */
  async find(text: string): Promise<Gateway> {
    const byId = /^\d+$/.test(text) ? await this.byId(text) : undefined;
    const found = byId ?? (text === '' ? undefined : await this.bySerial(text));
    if (found) return found;
    const named = text === '' ? [] : await this.byName(text);
    const [first, ...others] = named;
    if (first && others.length === 0) return first;
    const shown = printable(text);
    if (!first) {
      throw new CliFailure('not-found', `There is no gateway "${shown}".`, {
        hint: this.maySearchSerials
          ? 'remote-access ls lists the gateways; id, serial number and name identify one.'
          : 'remote-access ls lists the gateways; id and name identify one. ' +
            'You may not search for serial numbers: that needs the role ROLE_IDENTITY_READ.',
      });
    }
    const ids = printableList(named.map(({ id }) => id));
    throw new CliFailure('not-found', `Several gateways are named "${shown}": ${ids}.`, {
      hint: 'Use the id.',
    });
  }

  private async byId(id: string): Promise<Gateway | undefined> {
    const path = `/inventory/managedObjects/${encodeURIComponent(id)}`;
    const object = await this.client.find<ManagedObject>('GET', path, WHAT);
    return object && gatewayOf(object);
  }

  private async bySerial(serial: string): Promise<Gateway | undefined> {
    const path = `/identity/externalIds/c8y_Serial/${encodeURIComponent(serial)}`;
    const identity = await this.client
      .find<{ managedObject?: { id?: string } }>('GET', path, WHAT)
      .catch((cause: unknown) => this.unlessForbidden(cause));
    const id = identity?.managedObject?.id;
    return id === undefined ? undefined : this.byId(id);
  }

  private unlessForbidden(cause: unknown): undefined {
    if (!(cause instanceof CliFailure) || cause.kind !== 'forbidden') throw cause;
    this.maySearchSerials = false;
  }

  private async byName(name: string): Promise<Gateway[]> {
    // In the platform's query language, quotes are escaped by doubling them, and * is a wildcard.
    const literal = name.replaceAll("'", "''");
    const objects = await this.query({ query: `$filter=(name eq '${literal}')` });
    return objects.filter(one => one.name === name && isDevice(one)).map(gatewayOf);
  }

  private async query(parameters: Readonly<Record<string, string>>): Promise<ManagedObject[]> {
    const query = new URLSearchParams({ pageSize: String(PAGE_SIZE), ...parameters });
    const path = `/inventory/managedObjects?${query.toString()}`;
    const answer = await this.client.json<{ managedObjects: ManagedObject[] }>('GET', path, WHAT);
    return answer.managedObjects;
  }
}

function gatewayOf(object: ManagedObject): Gateway {
  const list = object[FRAGMENTS.list];
  return {
    id: object.id,
    name: object.name ?? '',
    endpointCount: Array.isArray(list) ? list.length : 0,
    isCapable: isGateway(object),
    sharesSessions: object.c8y_Agent?.name === OWN_AGENT,
  };
}

function isDevice(object: ManagedObject): boolean {
  return object.c8y_IsDevice !== undefined || isGateway(object);
}
