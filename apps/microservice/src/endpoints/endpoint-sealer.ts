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
import { StoredEntry } from './endpoint-list';
import { OPTION_NAMES } from './endpoint-options';

/** An entry that is ready to be stored. */
export interface SealedEntry {
  readonly entry: StoredEntry;
  /** Secrets with a new value. */
  readonly replaced: readonly SecretField[];
}

/** Turns a draft into a stored entry: checks mandatory credentials and seals the secrets. */
@Injectable()
export class EndpointSealer {
  constructor(private readonly vault: SecretVault) {}

  /**
   * @param before the entry that is replaced, `undefined` for a new one
   * @returns `invalid-endpoint`, or `no-key-material` if there is a secret to seal and no key
   */
  async seal(
    tenant: TenantId,
    deviceId: DeviceId,
    id: EndpointId,
    draft: EndpointDraft,
    before?: StoredEntry,
  ): Promise<SealedEntry | Refusal> {
    const credentials: EndpointCredentials = {
      type: draft.credentialsType,
      ...draft.plain,
      password: null,
      privateKey: null,
    };
    const { name, hostname, port, protocol, options, attrs } = draft;
    const endpoint: Endpoint = { id, name, hostname, port, protocol, credentials, ...options };
    const replaced: SecretField[] = [];
    for (const field of SECRET_FIELDS) {
      const stored = before?.endpoint.credentials[field] ?? null;
      const update = resolveSecret(this.vault, field, draft.secrets[field], stored);
      if (isRefusal(update)) return update;
      if (update.kind === 'keep') {
        const problem = field === 'password' && before && whyEnterAgain(before.endpoint, endpoint);
        if (problem) return invalidEndpoint([problem]);
        credentials[field] = update.stored;
      } else if (update.kind === 'replace') {
        const sealed = await this.vault.seal({ tenant, deviceId, endpoint }, field, update.secret);
        if (isRefusal(sealed)) return sealed;
        credentials[field] = sealed;
        replaced.push(field);
      }
    }
    const problems = missingCredentials(credentials);
    if (problems.length > 0) return invalidEndpoint(problems);
    const raw = { ...unknownFields(before), ...endpoint, ...(attrs ? { attrs } : {}) };
    const kept = unknownFields(before, 'credentials');
    const entry = new StoredEntry({ ...raw, credentials: { ...kept, ...credentials } });
    return { entry, replaced };
  }
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
 * clears it. Any other sealed text belongs to something else and is refused. The rest is a new
 * secret.
 *
 * @param given `undefined` if the body did not name the field
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

/**
 * A stored password is only ever sent where it was meant to go when it was entered; otherwise
 * anyone who may edit endpoints could have it sent to a host of their own. Removing a pinned key is
 * allowed: it is what people do after a server was reinstalled, and the audit log shows it.
 */
function whyEnterAgain(before: Endpoint, after: Endpoint): string | undefined {
  const pinned = before.credentials.hostKey;
  const changes = {
    host: before.hostname !== after.hostname,
    port: before.port !== after.port,
    protocol: before.protocol !== after.protocol,
    'sign-in method': before.credentials.type !== after.credentials.type,
    'host key': ![null, pinned].includes(after.credentials.hostKey) && pinned !== null,
  };
  const changed = Object.entries(changes).filter(([, differs]) => differs);
  if (changed.length === 0) return undefined;
  const names = changed.map(([name]) => name).join(', ');
  return `Enter the password again: the stored one is not kept with a new ${names}`;
}

function missingCredentials(credentials: EndpointCredentials): string[] {
  return MANDATORY_CREDENTIALS[credentials.type]
    .filter(field => credentials[field] === null)
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
];

/** Fields that other programs added to an entry; a write keeps them. */
function unknownFields(before: StoredEntry | undefined, part?: 'credentials'): object {
  if (!isObject(before?.raw)) return {};
  if (part === undefined) {
    const others = Object.entries(before.raw).filter(([name]) => !KNOWN_FIELDS.includes(name));
    return Object.fromEntries(others);
  }
  const credentials = before.raw[part];
  return isObject(credentials) ? credentials : {};
}
