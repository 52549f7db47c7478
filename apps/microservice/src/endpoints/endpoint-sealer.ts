import { Injectable } from '@nestjs/common';
import {
  CIPHER_MARK,
  type DeviceId,
  type Endpoint,
  type EndpointCredentials,
  type EndpointId,
  isRefusal,
  MANDATORY_CREDENTIALS,
  type Refusal,
  RemoteAccessError,
  SECRET_FIELDS,
  type SecretField,
  type TenantId,
} from '@remote-access/contracts';
import { Secret } from '@remote-access/settings';
import { SecretVault } from '../secrets/secret-vault';
import { isObject } from './body-reader';
import { type EndpointDraft, invalidEndpoint } from './endpoint-draft';
import type { StoredEntry } from './endpoint-list';
import { OPTION_NAMES } from './endpoint-options';
import { passwordReentryReason } from './endpoint-trust';
import { type EntryBase, EntryBuilder, type SecretSources } from './entry-builder';

/** An entry that is ready to be stored. */
export interface SealedEntry {
  readonly entry: StoredEntry;
  /** Secrets with a new value. */
  readonly replaced: readonly SecretField[];
}

/**
 * Turns a draft into a stored entry: checks mandatory credentials and decides which secrets are
 * kept.
 */
@Injectable()
export class EndpointSealer {
  constructor(
    private readonly vault: SecretVault,
    private readonly builder: EntryBuilder,
  ) {}

  /**
   * @param base the entry that is replaced, `undefined` for a new one
   * @returns `invalid-endpoint`, or `no-key-material` if there is something to seal but no key
   */
  async seal(
    tenant: TenantId,
    deviceId: DeviceId,
    id: EndpointId,
    draft: EndpointDraft,
    base?: EntryBase,
  ): Promise<SealedEntry | Refusal> {
    const credentials: EndpointCredentials = {
      type: draft.credentialsType,
      ...draft.plain,
      password: null,
      privateKey: null,
    };
    const { name, hostname, port, protocol, options, attrs } = draft;
    const endpoint: Endpoint = { id, name, hostname, port, protocol, credentials, ...options };
    const sources: SecretSources = {};
    for (const field of SECRET_FIELDS) {
      const stored = base?.entry.endpoint.credentials[field] ?? null;
      const update = resolveSecret(this.vault, field, draft.secrets[field], stored);
      if (isRefusal(update)) return update;
      if (update.kind === 'replace') {
        sources[field] = { secret: update.secret };
      } else if (update.kind === 'keep' && base) {
        const problem = field === 'password' ? whyPasswordIsNotKept(base, endpoint) : undefined;
        if (problem) return invalidEndpoint([problem]);
        sources[field] = { stored: update.stored, owner: base.owner };
      }
    }
    const problems = missingCredentials(credentials, sources);
    if (problems.length > 0) return invalidEndpoint(problems);
    const kept = base?.trust === 'discarded' ? undefined : base?.entry;
    const built = await this.builder.build(
      tenant,
      deviceId,
      {
        ...unknownFields(kept),
        ...endpoint,
        ...(attrs ? { attrs } : {}),
        credentials: { ...credentialFields(kept), ...credentials },
      },
      sources,
    );
    if (isRefusal(built)) return built;
    // A private key that cannot be unsealed is reported when it is used; other fields stay editable.
    const again = built.unusable.find(field => field === 'password' || base?.trust !== 'verified');
    if (again) return invalidEndpoint([REENTRY_HINTS[again]]);
    const replaced = SECRET_FIELDS.filter(field => sources[field]?.secret !== undefined);
    return { entry: built.entry, replaced };
  }
}

/** What to tell the user about secrets that cannot be unsealed for the entry they are part of. */
export const REENTRY_HINTS: Readonly<Record<SecretField, string>> = {
  password:
    'Enter the password again: the stored one does not belong to this endpoint as it is now',
  privateKey:
    'Enter the private key again: the stored one does not belong to this endpoint as it is now',
};

function whyPasswordIsNotKept(base: EntryBase, after: Endpoint): string | undefined {
  if (base.trust === 'discarded') return REENTRY_HINTS.password;
  return passwordReentryReason(base.entry.endpoint, after);
}

/** What happens to a stored secret. */
export type SecretUpdate =
  | { readonly kind: 'clear' }
  | { readonly kind: 'keep'; readonly stored: string }
  | { readonly kind: 'replace'; readonly secret: Secret };

const MISMATCH: Readonly<Record<SecretField, string>> = {
  password: 'Password cipher does not match',
  privateKey: 'Private key cipher does not match',
};

/**
 * An absent field, the placeholder from GET and the stored text itself keep the stored secret; null
 * clears it. Any other sealed text belongs to something else and is refused. Everything else is a
 * new secret.
 *
 * @param given `undefined` if the body does not name the field
 * @param stored the sealed text, `null` if there is none
 */
export function resolveSecret(
  vault: Pick<SecretVault, 'placeholder'>,
  field: SecretField,
  given: string | null | undefined,
  stored: string | null,
): SecretUpdate | Refusal {
  if (given === undefined) return stored === null ? { kind: 'clear' } : { kind: 'keep', stored };
  if (given === null) return { kind: 'clear' };
  if (!given.startsWith(CIPHER_MARK)) return { kind: 'replace', secret: new Secret(given) };
  if (stored !== null && (given === stored || given === vault.placeholder(stored))) {
    return { kind: 'keep', stored };
  }
  return new RemoteAccessError('invalid-endpoint', { detail: MISMATCH[field] });
}

function missingCredentials(credentials: EndpointCredentials, sources: SecretSources): string[] {
  return MANDATORY_CREDENTIALS[credentials.type]
    .filter(field =>
      field === 'password' || field === 'privateKey'
        ? sources[field] === undefined
        : credentials[field] === null,
    )
    .map(field => `${LABELS[field] ?? field} must be provided in ${credentials.type} credentials`);
}

/** The vendor's error messages use these names, and clients match them. */
const LABELS: Partial<Record<string, string>> = {
  username: 'User name',
  password: 'Password',
  privateKey: 'Private key',
  certificate: 'Certificate',
};

const KNOWN_FIELDS: readonly string[] = [
  'id',
  'name',
  'hostname',
  'port',
  'protocol',
  'credentials',
  ...OPTION_NAMES,
  'attrs',
  'mac',
];

const KNOWN_CREDENTIALS: readonly string[] = ['type', 'publicKey', 'certificate', 'hostKey'];

/** Fields that other programs added to an entry; a write preserves them. */
function unknownFields(before: StoredEntry | undefined): Record<string, unknown> {
  const others = Object.entries(before?.fields ?? {}).filter(
    ([name]) => !KNOWN_FIELDS.includes(name),
  );
  return Object.fromEntries(others);
}

function credentialFields(before: StoredEntry | undefined): Record<string, unknown> {
  const credentials = before?.fields['credentials'];
  return isObject(credentials) ? credentials : {};
}

/** The names of such fields, of the entry and of its credentials. */
export function unknownFieldNames(entry: StoredEntry): string[] {
  const known = [...KNOWN_CREDENTIALS, ...SECRET_FIELDS, 'username'];
  const credentials = Object.keys(credentialFields(entry)).filter(name => !known.includes(name));
  return [...Object.keys(unknownFields(entry)), ...credentials.map(name => `credentials.${name}`)];
}
