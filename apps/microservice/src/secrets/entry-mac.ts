import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { DeviceId, EndpointId, TenantId } from '@remote-access/contracts';
import type { SealingKey } from './sealed-text';

/** The location of an entry. The same entry in another location is a different entry. */
export interface EntryPlace {
  readonly tenant: TenantId;
  readonly deviceId: DeviceId;
  readonly id: EndpointId;
}

/** A stored entry as the platform returns it, including fields that other programs wrote. */
export type RawEntry = Readonly<Record<string, unknown>>;

/**
 * Users rename endpoints and clients annotate them; these fields do not affect where a secret is
 * sent.
 */
const UNBOUND_FIELDS: readonly string[] = ['name', 'attrs', 'mac'];

const SECRETS: readonly string[] = ['password', 'privateKey'];

const MAC = /^v1\.([0-9a-f]{8})\.([\w-]{43})$/;

/**
 * Entries of this service nest at most three levels deep; the limit protects the stack from
 * recursion.
 */
const MAX_ENTRY_DEPTH = 30;

/** The entry is nested one level deeper, because its place is wrapped around it. */
const MAX_DEPTH = MAX_ENTRY_DEPTH + 1;

/**
 * The authentication code of an entry: `v1.KEYID.` and HMAC-SHA-256 in base64url, over the place
 * and all fields except {@link UNBOUND_FIELDS}, including fields that this version does not know.
 */
export function entryMac(key: SealingKey, place: EntryPlace, entry: RawEntry): string {
  return `v1.${key.id}.${code(key, boundText(place, entry)).toString('base64url')}`;
}

/** Whether the entry's code was made with one of the keys, for this place and these fields. */
export function isAuthentic(
  keys: readonly SealingKey[],
  place: EntryPlace,
  entry: RawEntry,
): boolean {
  const [, keyId, mac = ''] = macOf(entry) ?? [];
  const key = keys.find(({ id }) => id === keyId);
  if (!key || isTooDeep(entry)) return false;
  const given = Buffer.from(mac, 'base64url');
  const expected = code(key, boundText(place, entry));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * The context that a password is bound to: its place and every bound field that is not itself a
 * secret.
 */
export function bindingOf(place: EntryPlace, entry: RawEntry): string {
  const { credentials } = entry;
  const isObject = typeof credentials === 'object' && credentials !== null;
  const plain = isObject
    ? Object.fromEntries(Object.entries(credentials).filter(([name]) => !SECRETS.includes(name)))
    : credentials;
  return digest('remoteaccess binding', boundText(place, { ...entry, credentials: plain }));
}

/** Identifies the state of an entry that a user was shown, including sealed texts. */
export function digestOf(place: EntryPlace, entry: RawEntry): string {
  return digest('remoteaccess seen', boundText(place, entry));
}

/** Whether an entry nests too deeply to be authenticated. */
export function isTooDeep(entry: unknown): boolean {
  return depthOf(entry, 0) > MAX_ENTRY_DEPTH;
}

function macOf({ mac }: RawEntry): RegExpExecArray | null {
  return typeof mac === 'string' ? MAC.exec(mac) : null;
}

function code(key: SealingKey, text: string): Buffer {
  return createHmac('sha256', key.macBytes).update(text).digest();
}

function digest(label: string, text: string): string {
  return createHash('sha256').update(label).update('\0').update(text).digest('base64url');
}

function boundText({ tenant, deviceId, id }: EntryPlace, entry: RawEntry): string {
  const fields = Object.entries(entry).filter(([name]) => !UNBOUND_FIELDS.includes(name));
  return canonicalJson({ tenant, deviceId, id, entry: Object.fromEntries(fields) }, 0);
}

/**
 * JSON with sorted names and without null members: the platform does not keep the order of names,
 * and does not guarantee to keep nulls.
 */
function canonicalJson(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) return '"…"';
  if (Array.isArray(value)) {
    return `[${value.map(one => canonicalJson(one, depth + 1)).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

/** Stops counting above the limit. */
function depthOf(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null || depth > MAX_ENTRY_DEPTH) return depth;
  let deepest = depth;
  for (const member of Object.values(value))
    deepest = Math.max(deepest, depthOf(member, depth + 1));
  return deepest;
}
