/** A reference in a list such as `childDevices`. */
export interface ManagedObjectReference {
  managedObject: { id: string; name?: string; self?: string };
  self?: string;
}

export interface ManagedObjectReferences {
  references: ManagedObjectReference[];
  self?: string;
}

/** A managed object of the inventory, with any fragments. */
export interface ManagedObject {
  id: string;
  name?: string;
  type?: string;
  /** User name of the owner. Devices own their own objects. */
  owner?: string;
  creationTime?: string;
  lastUpdated?: string;
  self?: string;
  c8y_IsDevice?: object;
  c8y_SupportedOperations?: string[];
  /** Describes the agent program on a device. */
  c8y_Agent?: { name?: unknown; version?: unknown; url?: unknown } | null;
  childDevices?: ManagedObjectReferences;
  childAssets?: ManagedObjectReferences;
  childAdditions?: ManagedObjectReferences;
  deviceParents?: ManagedObjectReferences;
  assetParents?: ManagedObjectReferences;
  additionParents?: ManagedObjectReferences;
  [fragment: string]: unknown;
}

/**
 * The name of this product's agent in `c8y_Agent`. It can carry many connections in one session.
 */
export const OWN_AGENT = 'remote-access-agent';

/** Fragments of remote access on a gateway's managed object. */
export const FRAGMENTS = {
  /** The operation; gateways declare it in `c8y_SupportedOperations`. */
  connect: 'c8y_RemoteAccessConnect',
  /** The list of endpoints. */
  list: 'c8y_RemoteAccessList',
  /** The highest endpoint id ever assigned on this gateway. */
  listLastId: 'c8y_RemoteAccessListLastId',
  /** Identifies the last change of the list, for replicas that change it concurrently. */
  revision: 'c8y_RemoteAccessListRevision',
  /** Marks the object that stands for the service in a tenant. */
  service: 'c8y_CloudRemoteAccess',
  /** The protocols that a gateway allows; all if absent. */
  supportedProtocols: 'c8y_RemoteAccessSupportedProtocols',
} as const;
