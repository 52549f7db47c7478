import { createHash } from 'node:crypto';
import {
  CIPHER_MARK,
  CREDENTIALS_OF,
  CREDENTIALS_TYPES,
  type Endpoint,
  type EndpointCredentials,
  type EndpointId,
  LIMITS,
  MANDATORY_CREDENTIALS,
  PROTOCOLS,
  SECRET_FIELDS,
} from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { isTooDeep, type RawEntry } from '../secrets/entry-mac';
import { isObject } from './body-reader';
import { storedOptions } from './endpoint-options';

/** The endpoints in one gateway's managed object, in order. */
export class EndpointList {
  private constructor(
    readonly entries: readonly StoredEntry[],
    private readonly lastId: number,
  ) {}

  static of(managedObject: ManagedObject): EndpointList {
    const stored = managedObject[FRAGMENTS.list] ?? [];
    // Anything but a list is kept as one damaged entry rather than overwritten.
    const raw: readonly unknown[] = Array.isArray(stored) ? stored : [stored];
    const taken = new Set<EndpointId>();
    const entries = raw.map(one => {
      const entry = new StoredEntry(one, taken);
      taken.add(entry.id);
      return entry;
    });
    const lastId = managedObject[FRAGMENTS.listLastId];
    const numbers = [...taken, textOf(lastId) ?? ''].filter(isCounter);
    return new EndpointList(entries, Math.max(0, ...numbers.map(Number)));
  }

  find(id: EndpointId): StoredEntry | undefined {
    return this.entries.find(entry => entry.id === id);
  }

  /** An id that no endpoint of this gateway has or ever had. */
  nextId(): EndpointId {
    return String(this.lastId + 1);
  }

  with(entry: StoredEntry): EndpointList {
    const known = this.find(entry.id) !== undefined;
    const entries = known
      ? this.entries.map(one => (one.id === entry.id ? entry : one))
      : [...this.entries, entry];
    return new EndpointList(entries, Math.max(this.lastId, isCounter(entry.id) ? +entry.id : 0));
  }

  without(id: EndpointId): EndpointList {
    return new EndpointList(
      this.entries.filter(entry => entry.id !== id),
      this.lastId,
    );
  }

  /** The fragments to write to the managed object. */
  fragments(): Record<string, unknown> {
    return {
      [FRAGMENTS.list]: this.entries.map(({ raw }) => raw),
      [FRAGMENTS.listLastId]: this.lastId,
    };
  }
}

/** A string or number as text. Converting any other type could throw. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/**
 * Whether this service assigned the id: it counts up, and stays short enough to be exact as a
 * number.
 */
function isCounter(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

/**
 * One entry of `c8y_RemoteAccessList` as it is stored. Other programs write that list too, so it
 * may contain anything. An unusable entry describes what is wrong with it and has an id, so that it
 * can be edited or removed.
 */
export class StoredEntry {
  readonly id: EndpointId;
  /** Everything stored; empty if it is not an object or cannot be read. */
  readonly fields: RawEntry;
  /** The readable part. Secrets are sealed texts. Complete only if nothing is damaged. */
  readonly endpoint: Endpoint;
  /** Problems of the entry, as sentences for users. */
  readonly damage: readonly string[];

  /** @param taken the ids of the entries before this one */
  constructor(
    readonly raw: unknown,
    taken: ReadonlySet<EndpointId> = new Set(),
  ) {
    const isDeep = isTooDeep(raw);
    const fields = isObject(raw) && !isDeep ? raw : {};
    const damage: string[] = isObject(raw) ? [] : ['the entry is not an object'];
    if (isDeep) damage.push('the entry is nested too deeply');
    const ownId = typeof fields['id'] === 'number' ? String(fields['id']) : fields['id'];
    const usable = typeof ownId === 'string' && ADDRESSABLE_ID.test(ownId) && !taken.has(ownId);
    if (isObject(raw) && !usable) damage.push('its id is missing or used twice');
    this.fields = fields;
    this.id = usable ? ownId : substituteId(isDeep ? null : raw, taken);
    this.endpoint = readEndpoint(this.id, fields, damage);
    this.damage = damage;
  }
}

/** Ids that can be part of a URL path. */
const ADDRESSABLE_ID = /^[\w-]{1,64}$/;

/** Derived from the content, so that the id never refers to a different entry. */
function substituteId(raw: unknown, taken: ReadonlySet<EndpointId>): EndpointId {
  const digest = createHash('sha256')
    .update(JSON.stringify(raw) ?? '')
    .digest('hex');
  const base = `damaged-${digest.slice(0, 12)}`;
  let id = base;
  for (let copy = 2; taken.has(id); copy += 1) id = `${base}-${copy}`;
  return id;
}

function readEndpoint(
  id: EndpointId,
  fields: Readonly<Record<string, unknown>>,
  damage: string[],
): Endpoint {
  const text = (field: string): string => {
    const value = fields[field];
    if (typeof value === 'string' && value !== '') return value;
    damage.push(`${field} is missing`);
    return '';
  };
  const port = Number(textOf(fields['port']) ?? NaN);
  const portIsValid = Number.isInteger(port) && port >= LIMITS.minPort && port <= LIMITS.maxPort;
  if (!portIsValid) damage.push('port is missing or out of range');
  const protocol = PROTOCOLS.find(one => one === textOf(fields['protocol'])?.toUpperCase());
  if (!protocol) damage.push('protocol is missing or unknown');
  const endpoint: Endpoint = {
    id,
    name: text('name'),
    hostname: text('hostname'),
    port: portIsValid ? port : 0,
    protocol: protocol ?? 'PASSTHROUGH',
    credentials: readCredentials(fields['credentials'], damage),
    ...storedOptions(fields, protocol ?? 'PASSTHROUGH', damage),
    ...(isObject(fields['attrs']) ? { attrs: fields['attrs'] } : {}),
  };
  const { type } = endpoint.credentials;
  if (protocol && !CREDENTIALS_OF[protocol].includes(type)) {
    damage.push(`Protocol "${protocol}" does not support "${type}" credentials type`);
  }
  for (const field of MANDATORY_CREDENTIALS[type]) {
    if (!endpoint.credentials[field]) damage.push(`${field} is missing`);
  }
  return endpoint;
}

const CREDENTIAL_FIELDS = [
  'username',
  'password',
  'privateKey',
  'publicKey',
  'certificate',
  'hostKey',
] as const;

function readCredentials(raw: unknown, damage: string[]): EndpointCredentials {
  const fields = isObject(raw) ? raw : {};
  const type = CREDENTIALS_TYPES.find(one => one === (fields['type'] ?? 'NONE'));
  if (!type || !(isObject(raw) || raw === undefined || raw === null)) {
    damage.push('credentials are unknown');
  }
  const values = CREDENTIAL_FIELDS.map(field => {
    const value = fields[field];
    return [field, typeof value === 'string' && value !== '' ? value : null] as const;
  });
  const credentials = {
    type: type ?? 'NONE',
    ...Object.fromEntries(values),
  } as EndpointCredentials;
  for (const field of SECRET_FIELDS) {
    // Another program stored it in clear text: it is neither shown nor used.
    if (credentials[field] === null || credentials[field].startsWith(CIPHER_MARK)) continue;
    damage.push(`${field} is stored in clear text`);
    credentials[field] = null;
  }
  return credentials;
}
