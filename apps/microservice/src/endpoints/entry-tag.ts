import { createHash } from 'node:crypto';
import { type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { OPTION_NAMES } from './endpoint-options';
import type { StoredEntry } from './endpoint-list';

const CREDENTIAL_FIELDS = [
  'type',
  'username',
  'password',
  'privateKey',
  'publicKey',
  'certificate',
  'hostKey',
] as const;

/** In the order of the tag. Append new fields, so that older tags remain comparable. */
const FIELDS: readonly (readonly [name: string, valueOf: (entry: StoredEntry) => unknown])[] = [
  ...(['name', 'hostname', 'port', 'protocol', 'attrs'] as const).map(
    name => [name, ({ endpoint }: StoredEntry): unknown => endpoint[name]] as const,
  ),
  ...CREDENTIAL_FIELDS.map(
    name =>
      [
        name === 'type' ? 'credentialsType' : name,
        ({ endpoint }: StoredEntry): unknown => endpoint.credentials[name],
      ] as const,
  ),
  ...OPTION_NAMES.map(
    name => [name, ({ endpoint }: StoredEntry): unknown => endpoint[name]] as const,
  ),
];

const DIGEST_CHARACTERS = 6;

const MARK = 'v1.';

/**
 * The entity tag of a stored endpoint (RFC 9110 8.8.3): a short digest of each field, so that
 * refusing an outdated edit can say which fields differ. Secrets are represented by their sealed
 * texts, which differ with each write.
 */
export function entryTag(entry: StoredEntry): string {
  return `"${MARK}${digestsOf(entry).join('')}"`;
}

/**
 * Whether an edit may replace this entry.
 * @param ifMatch the request's header (RFC 9110 13.1.1); absent: the last edit wins
 * @returns `endpoint-modified`, which names the fields that differ
 */
export function outdatedRefusal(
  ifMatch: string | undefined,
  entry: StoredEntry,
): Refusal | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const tags = ifMatch.split(',').map(tag => tag.trim());
  if (tags.includes(entryTag(entry))) return undefined;
  const names = differingFields(tags[0] ?? '', entry);
  const detail =
    names.length === 0
      ? 'This endpoint has changed in the meantime. Reload it and make your change again.'
      : `This endpoint has changed in the meantime: ${names.join(', ')}. Reload it and make your change again.`;
  return new RemoteAccessError('endpoint-modified', { detail });
}

/** Empty for a tag that this version of the service did not issue. */
function differingFields(tag: string, entry: StoredEntry): string[] {
  const digests = digestsOf(entry);
  const [, given = ''] = /^"v1\.([\w-]+)"$/.exec(tag) ?? [];
  if (given.length !== digests.length * DIGEST_CHARACTERS) return [];
  return FIELDS.filter((_field, at) => {
    const start = at * DIGEST_CHARACTERS;
    return given.slice(start, start + DIGEST_CHARACTERS) !== digests[at];
  }).map(([name]) => name);
}

function digestsOf(entry: StoredEntry): string[] {
  return FIELDS.map(([name, valueOf]) =>
    createHash('sha256')
      .update(`${name}\0${JSON.stringify(valueOf(entry) ?? null)}`)
      .digest('base64url')
      .slice(0, DIGEST_CHARACTERS),
  );
}
