import {
  RemoteAccessError,
  type DeviceId,
  type OperationId,
  type TenantId,
} from '@remote-access/contracts';
import type {
  AuditRecord,
  AuditRecordBody,
  CurrentUser,
  ManagedObject,
  Operation,
  PlatformUser,
} from '@remote-access/contracts/platform';
import type { PlatformRequests, RequestHeaders } from './platform-requests';

export type OperationBody = Pick<Operation, 'deviceId' | 'description'> & Record<string, unknown>;

/**
 * The platform's REST API with the credentials of one user. Reads return `undefined` for a 404;
 * every other failure is thrown as a RemoteAccessError: `unauthenticated` (401), `forbidden` (403,
 * with the platform's text as detail), `device-not-found` (404 of a write), `conflict` (409),
 * `platform-failed`, `platform-timeout`.
 */
export class PlatformClient {
  constructor(
    private readonly requests: PlatformRequests,
    private readonly headers: () => RequestHeaders,
    /** The claimed name of a caller, to whom large responses are charged. */
    private readonly claimedName?: string,
  ) {}

  async currentUser(): Promise<CurrentUser> {
    const user = (await this.get('/user/currentUser')) as CurrentUser | null | undefined;
    if (!user?.userName || !Array.isArray(user.effectiveRoles)) throw unexpected('current user');
    return user;
  }

  /** Any user of the tenant, if this user may see users. */
  async user(tenant: TenantId, userName: string): Promise<PlatformUser | undefined> {
    const path = `/user/${encodeURIComponent(tenant)}/users/${encodeURIComponent(userName)}`;
    return (await this.get(path)) as PlatformUser | undefined;
  }

  /** The tenant that the user belongs to. */
  async tenant(): Promise<TenantId> {
    const tenant = (await this.get('/tenant/currentTenant')) as
      { name?: unknown } | null | undefined;
    if (typeof tenant?.name !== 'string') throw unexpected('current tenant');
    return tenant.name;
  }

  async managedObject(id: DeviceId): Promise<ManagedObject | undefined> {
    if (!isId(id)) return undefined;
    const path = `/inventory/managedObjects/${encodeURIComponent(id)}?withChildren=false`;
    return (await this.get(path)) as ManagedObject | undefined;
  }

  /** Includes `deviceParents`, as far as the user may see them. */
  async managedObjectWithParents(id: DeviceId): Promise<ManagedObject | undefined> {
    if (!isId(id)) return undefined;
    const query = 'withChildren=false&withParents=true';
    const path = `/inventory/managedObjects/${encodeURIComponent(id)}?${query}`;
    return (await this.get(path)) as ManagedObject | undefined;
  }

  /** A page of the objects with a fragment, counted from 1; the last page is shorter. */
  async managedObjectsWith(
    fragment: string,
    page: number,
    pageSize: number,
  ): Promise<ManagedObject[]> {
    const query = new URLSearchParams({
      fragmentType: fragment,
      pageSize: String(pageSize),
      currentPage: String(page),
      withChildren: 'false',
    });
    const answer = (await this.get(`/inventory/managedObjects?${query.toString()}`)) as
      { managedObjects?: unknown } | null | undefined;
    if (!Array.isArray(answer?.managedObjects)) throw unexpected('managed objects');
    return answer.managedObjects as ManagedObject[];
  }

  /** @returns the id */
  async createManagedObject(body: Record<string, unknown>): Promise<string> {
    const created = (await this.send('POST', '/inventory/managedObjects', body)) as
      ManagedObject | null | undefined;
    if (typeof created?.id !== 'string') throw unexpected('managed object');
    return created.id;
  }

  async updateManagedObject(id: DeviceId, body: Record<string, unknown>): Promise<void> {
    if (!isId(id)) throw new RemoteAccessError('device-not-found');
    const path = `/inventory/managedObjects/${encodeURIComponent(id)}`;
    const answer = await this.send('PUT', path, body);
    if (answer === undefined) throw new RemoteAccessError('device-not-found');
  }

  async createOperation(body: OperationBody): Promise<Operation> {
    const operation = (await this.send('POST', '/devicecontrol/operations', body)) as
      Operation | null | undefined;
    // 404: the device was removed after it was looked up.
    if (operation === undefined) throw new RemoteAccessError('device-not-found');
    if (!operation?.id) throw unexpected('operation');
    return operation;
  }

  async operation(id: OperationId): Promise<Operation | undefined> {
    if (!isId(id)) return undefined;
    const path = `/devicecontrol/operations/${encodeURIComponent(id)}`;
    const operation = (await this.get(path)) as Operation | undefined;
    if (!operation || typeof operation.failureReason === 'string') return operation;
    // Gateways write the reason, so it may be of any type.
    const readable = { ...operation };
    delete readable.failureReason;
    return readable;
  }

  /**
   * A page of the operations that match every filter, counted from 1; filters use the platform's
   * names.
   */
  async operations(
    filter: Readonly<Record<string, string>>,
    page: number,
    pageSize: number,
  ): Promise<Operation[]> {
    const paging = { pageSize: String(pageSize), currentPage: String(page) };
    const query = new URLSearchParams({ ...filter, ...paging });
    const answer = (await this.get(`/devicecontrol/operations?${query.toString()}`)) as
      { operations?: unknown } | null | undefined;
    if (!Array.isArray(answer?.operations)) throw unexpected('operations');
    return answer.operations as Operation[];
  }

  async updateOperation(id: OperationId, body: Partial<Operation>): Promise<void> {
    const path = `/devicecontrol/operations/${encodeURIComponent(id)}`;
    const answer = await this.send('PUT', path, body);
    if (answer === undefined) throw unexpected(`operation ${id}`);
  }

  /** The options of a category by key; empty if the category does not exist. */
  async tenantOptions(category: string): Promise<Readonly<Record<string, string>>> {
    const path = `/tenant/options/${encodeURIComponent(category)}`;
    const options = ((await this.get(path)) ?? {}) as Record<string, unknown>;
    const texts = Object.entries(options).filter(([, value]) => typeof value === 'string');
    return Object.fromEntries(texts) as Record<string, string>;
  }

  /** Writes options of a category in one request; options that are not named are kept. */
  async updateTenantOptions(
    category: string,
    values: Readonly<Record<string, string>>,
  ): Promise<void> {
    const path = `/tenant/options/${encodeURIComponent(category)}`;
    const answer = await this.send('PUT', path, values);
    if (answer === undefined) throw unexpected(`option category ${category}`);
  }

  /** Also succeeds if the option does not exist. */
  async removeTenantOption(category: string, key: string): Promise<void> {
    const path = `/tenant/options/${encodeURIComponent(category)}/${encodeURIComponent(key)}`;
    await this.requests.send(this.headers(), { method: 'DELETE', path }, this.claimedName);
  }

  /** A page of the records that match every filter, newest first, counted from 1. */
  async auditRecords(
    filter: Readonly<Record<string, string>>,
    page: number,
    pageSize: number,
  ): Promise<AuditRecord[]> {
    const paging = { pageSize: String(pageSize), currentPage: String(page) };
    const query = new URLSearchParams({ ...filter, ...paging });
    const answer = (await this.get(`/audit/auditRecords?${query.toString()}`)) as
      { auditRecords?: unknown } | null | undefined;
    if (!Array.isArray(answer?.auditRecords)) throw unexpected('audit records');
    return answer.auditRecords as AuditRecord[];
  }

  async createAuditRecord(body: AuditRecordBody): Promise<void> {
    await this.send('POST', '/audit/auditRecords', body);
  }

  private get(path: string): Promise<unknown> {
    return this.requests.send(this.headers(), { method: 'GET', path }, this.claimedName);
  }

  private send(method: 'POST' | 'PUT', path: string, body: unknown): Promise<unknown> {
    return this.requests.send(this.headers(), { method, path, body }, this.claimedName);
  }
}

/** Lists of a managed object's parents: groups and other assets, and devices. */
type Relation = 'assetParents' | 'deviceParents';

/** An object above a device, or the device itself; `object` is `undefined` if it does not exist. */
export interface Ancestor {
  readonly id: DeviceId;
  readonly object: ManagedObject | undefined;
}

/**
 * Walks from a device up to its parents, nearest first, each object once.
 *
 * @param platform reads each object just before it is yielded
 * @param relations which parents are followed
 * @param max the maximum number of objects that are read
 */
export async function* lineageOf(
  platform: Pick<PlatformClient, 'managedObjectWithParents'>,
  device: DeviceId,
  relations: readonly Relation[],
  max: number,
): AsyncGenerator<Ancestor> {
  const ids = new Set([device]);
  // Iterating a Set also visits elements that are added during the loop.
  for (const id of ids) {
    const object = await platform.managedObjectWithParents(id);
    yield { id, object };
    for (const relation of relations) {
      for (const { managedObject } of object?.[relation]?.references ?? []) {
        if (ids.size < max) ids.add(managedObject.id);
      }
    }
  }
}

/**
 * For a request that is sent before it is certain that its answer is needed. If nobody awaits the
 * answer, a failure does not count as unhandled; awaiting it still throws.
 */
export function askedEarly<Answer>(answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => undefined);
  return answer;
}

function unexpected(what: string): RemoteAccessError {
  const cause = new Error(`The platform's answer has no ${what}`);
  return new RemoteAccessError('platform-failed', { cause });
}

/**
 * Whether text can be the id of an object. Ids also come from callers: an empty one, `.` or `..`
 * would lead to another address, and a lone surrogate cannot be part of any.
 */
function isId(text: string): boolean {
  return !/^\.{0,2}$|\p{Surrogate}/u.test(text);
}
