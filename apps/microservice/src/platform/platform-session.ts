import type { DeviceId, OperationId, TenantId } from '@remote-access/contracts';
import type {
  AuditRecordBody,
  CurrentUser,
  ManagedObject,
  Operation,
  PlatformUser,
} from '@remote-access/contracts/platform';

/** What a new operation is made of. */
export type OperationBody = Pick<Operation, 'deviceId' | 'description'> & Record<string, unknown>;

/**
 * The platform as one user sees it. Reads answer `undefined` for what does not exist. Everything
 * else that is not the asked-for answer is thrown as a RemoteAccessError: `unauthenticated` (401),
 * `forbidden` (403, with the platform's words as detail), `device-not-found` (404 of a write),
 * `conflict` (409), `platform-failed`, `platform-timeout`.
 */
export interface PlatformSession {
  currentUser(): Promise<CurrentUser>;
  /** Any user of the tenant, for who may see users. */
  user(tenant: TenantId, userName: string): Promise<PlatformUser | undefined>;
  /** The tenant that the user belongs to. */
  tenant(): Promise<TenantId>;
  managedObject(id: DeviceId): Promise<ManagedObject | undefined>;
  /** A page of the objects that have a fragment, counted from 1; shorter than asked for at the end. */
  managedObjectsWith(fragment: string, page: number, pageSize: number): Promise<ManagedObject[]>;
  updateManagedObject(id: DeviceId, body: Record<string, unknown>): Promise<void>;
  createOperation(body: OperationBody): Promise<Operation>;
  operation(id: OperationId): Promise<Operation | undefined>;
  /** A page of those that fit every filter, counted from 1, as the platform names the filters. */
  operations(
    filter: Readonly<Record<string, string>>,
    page: number,
    pageSize: number,
  ): Promise<Operation[]>;
  updateOperation(id: OperationId, body: Partial<Operation>): Promise<void>;
  /** The options of a category by key; empty where the category does not exist. */
  tenantOptions(category: string): Promise<Readonly<Record<string, string>>>;
  /** Writes options of a category in one call; those not named stay. */
  updateTenantOptions(category: string, values: Readonly<Record<string, string>>): Promise<void>;
  /** One that does not exist is removed already. */
  removeTenantOption(category: string, key: string): Promise<void>;
  createAuditRecord(body: AuditRecordBody): Promise<void>;
}
