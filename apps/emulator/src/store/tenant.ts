import type { AuditRecord, ManagedObject, Operation } from '@remote-access/contracts/platform';
import { type Change, type Changes, Collection, type CollectionEvents } from './collection';
import { Hierarchy, type ChildLink } from './hierarchy';

/** A stored user. */
export interface Account {
  /** The user name. */
  id: string;
  displayName: string;
  email?: string;
  password: string;
  /**
   * The secret of a second factor, base32; requesting a token then needs a one-time code (TOTP).
   */
  totpSecret?: string;
  kind: 'human' | 'device' | 'service' | 'bootstrap';
  enabled: boolean;
  /** Role names. */
  roles: string[];
  /** Managed object id → `SCOPE:fragment:LEVEL`. */
  devicePermissions: Record<string, string[]>;
  /** The microservice that a service or bootstrap user belongs to. */
  application?: string;
}

/** A name of a device that originates outside the platform, e.g. `c8y_Serial:gw-1`. */
export interface ExternalId {
  /** `type:externalId`, unique in the tenant. */
  id: string;
  type: string;
  externalId: string;
  managedObjectId: string;
}

/** A tenant option; `id` is `category/key`. */
export interface StoredOption {
  id: string;
  category: string;
  key: string;
  value: string;
}

/** An alarm or an event. */
export interface DeviceRecord {
  id: string;
  type: string;
  text: string;
  time: string;
  source: { id: string };
  [fragment: string]: unknown;
}

/** A device whose registration is pending. */
export interface NewDeviceRequest {
  /** The device's own unique identifier. */
  id: string;
  status: 'WAITING_FOR_CONNECTION' | 'PENDING_ACCEPTANCE' | 'ACCEPTED';
  owner: string;
  creationTime: string;
}

/** A trusted certificate: devices may sign in with it or with certificates that it has signed. */
export interface TrustedCertificate {
  /** SHA-1 of the certificate, in lower-case hexadecimal. */
  id: string;
  name: string;
  pem: string;
  status: 'ENABLED' | 'DISABLED';
  /** Whether a device's user is created when it connects for the first time. */
  autoRegistrationEnabled: boolean;
}

/** One tenant in the data file. */
export interface TenantData {
  name: string;
  lastId?: number;
  accounts?: Account[];
  managedObjects?: ManagedObject[];
  hierarchy?: ChildLink[];
  externalIds?: ExternalId[];
  operations?: Operation[];
  auditRecords?: AuditRecord[];
  options?: StoredOption[];
  alarms?: DeviceRecord[];
  events?: DeviceRecord[];
  newDeviceRequests?: NewDeviceRequest[];
  trustedCertificates?: TrustedCertificate[];
}

/** Generates object ids. No id is used twice in a tenant. */
export class IdSequence {
  constructor(private last: number) {}

  next(): string {
    this.last += 1;
    return String(this.last);
  }

  /** Marks all numbers up to this one as used. */
  skipTo(taken: number): void {
    if (Number.isSafeInteger(taken) && taken > this.last) this.last = taken;
  }

  toJSON(): number {
    return this.last;
  }
}

/** The state of one tenant. Nothing in it refers to another tenant. */
export class Tenant {
  readonly name: string;
  readonly ids: IdSequence;
  readonly accounts: Collection<Account>;
  readonly managedObjects: Collection<ManagedObject>;
  readonly hierarchy: Hierarchy;
  readonly externalIds: Collection<ExternalId>;
  readonly operations: Collection<Operation>;
  readonly auditRecords: Collection<AuditRecord>;
  readonly options: Collection<StoredOption>;
  readonly alarms: Collection<DeviceRecord>;
  readonly events: Collection<DeviceRecord>;
  readonly newDeviceRequests: Collection<NewDeviceRequest>;
  readonly trustedCertificates: Collection<TrustedCertificate>;

  constructor(
    data: TenantData,
    changes: Changes,
    readonly touched: () => void,
  ) {
    this.name = data.name;
    this.ids = new IdSequence(data.lastId ?? 0);
    const announced = <Item extends { id: string }>(
      area: Change['area'],
      deviceId: (item: Item) => string,
    ): CollectionEvents<Item> => ({
      touched,
      announce: (action, item) =>
        changes.announce({
          tenant: data.name,
          area,
          deviceId: deviceId(item),
          action,
          data: action === 'DELETE' ? item.id : item,
        }),
    });
    this.accounts = new Collection({ touched }, data.accounts);
    this.managedObjects = new Collection(
      announced('managedobjects', object => object.id),
      data.managedObjects,
    );
    this.hierarchy = new Hierarchy(data.hierarchy);
    this.externalIds = new Collection({ touched }, data.externalIds);
    this.operations = new Collection(
      announced('operations', operation => operation.deviceId),
      data.operations,
    );
    this.auditRecords = new Collection({ touched }, data.auditRecords);
    this.options = new Collection({ touched }, data.options);
    this.alarms = new Collection(
      announced('alarms', alarm => alarm.source.id),
      data.alarms,
    );
    this.events = new Collection(
      announced('events', event => event.source.id),
      data.events,
    );
    this.newDeviceRequests = new Collection({ touched }, data.newDeviceRequests);
    this.trustedCertificates = new Collection({ touched }, data.trustedCertificates);
  }

  toJSON(): Required<TenantData> {
    return {
      name: this.name,
      lastId: this.ids.toJSON(),
      accounts: this.accounts.toJSON(),
      managedObjects: this.managedObjects.toJSON(),
      hierarchy: this.hierarchy.toJSON(),
      externalIds: this.externalIds.toJSON(),
      operations: this.operations.toJSON(),
      auditRecords: this.auditRecords.toJSON(),
      options: this.options.toJSON(),
      alarms: this.alarms.toJSON(),
      events: this.events.toJSON(),
      newDeviceRequests: this.newDeviceRequests.toJSON(),
      trustedCertificates: this.trustedCertificates.toJSON(),
    };
  }
}
