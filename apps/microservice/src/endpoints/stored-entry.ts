import { createHash } from 'node:crypto';
import {
  CREDENTIALS_OF,
  CREDENTIALS_TYPES,
  LIMITS,
  MANDATORY_CREDENTIALS,
  PROTOCOLS,
  SECRET_FIELDS,
  type Endpoint,
  type EndpointCredentials,
  type EndpointId,
} from '@remote-access/contracts';
import { CIPHER_MARK } from '../credentials/sealed-text';
import { isObject } from './body-reader';
import { storedOptions } from './endpoint-options';

const CREDENTIAL_FIELDS = [
  'username',
  'password',
  'privateKey',
  'publicKey',
  'certificate',
  'hostKey',
] as const;

/**
 * One entry of `c8y_RemoteAccessList` as it was found. Others write that list too, so anything may
 * stand there; what cannot be used is named and stays addressable, so that it can be mended or
 * removed.
 */
export class StoredEntry {
  readonly id: EndpointId;
  /** What can be read of it; secrets are sealed texts. Whole only where nothing is damaged. */
  readonly endpoint: Endpoint;
  /** What is wrong with it, for people. */
  readonly damage: readonly string[];

  /** @param taken ids of the entries before this one */
  constructor(
    readonly raw: unknown,
    taken: ReadonlySet<EndpointId> = new Set(),
  ) {
    const fields = isObject(raw) ? raw : {};
    const damage: string[] = isObject(raw) ? [] : ['the entry is no object'];
    const ownId = typeof fields['id'] === 'number' ? String(fields['id']) : fields['id'];
    const usable = typeof ownId === 'string' && ADDRESSABLE_ID.test(ownId) && !taken.has(ownId);
    if (isObject(raw) && !usable) damage.push('its id is missing or used twice');
    this.id = usable ? ownId : damagedId(raw, taken);
    this.endpoint = readEndpoint(this.id, fields, damage);
    this.damage = damage;
  }
}

/** Ids that can stand in an address. */
export const ADDRESSABLE_ID = /^[\w-]{1,64}$/;

/** Without an id of its own an entry goes by what it is, so that no other one is ever meant. */
function damagedId(raw: unknown, taken: ReadonlySet<EndpointId>): EndpointId {
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
  const port = Number(fields['port']);
  const portIsWhole = Number.isInteger(port) && port >= LIMITS.minPort && port <= LIMITS.maxPort;
  if (!portIsWhole) damage.push('port is missing or out of range');
  const protocol = PROTOCOLS.find(one => one === String(fields['protocol']).toUpperCase());
  if (!protocol) damage.push('protocol is missing or unknown');
  const endpoint: Endpoint = {
    id,
    name: text('name'),
    hostname: text('hostname'),
    port: portIsWhole ? port : 0,
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
    // Written past us in clear: it is neither shown nor used.
    if (credentials[field] === null || credentials[field].startsWith(CIPHER_MARK)) continue;
    damage.push(`${field} is stored in clear`);
    credentials[field] = null;
  }
  return credentials;
}
