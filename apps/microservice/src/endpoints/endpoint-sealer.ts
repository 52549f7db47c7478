import { Injectable } from '@nestjs/common';
import {
  type DeviceId,
  type Endpoint,
  type EndpointCredentials,
  type EndpointId,
  isRefusal,
  MANDATORY_CREDENTIALS,
  type Refusal,
  SECRET_FIELDS,
  type SecretField,
  type TenantId,
} from '@remote-access/contracts';
import { CredentialVault } from '../credentials/credential-vault';
import { isObject } from './body-reader';
import type { EndpointDraft } from './endpoint-draft';
import { OPTION_NAMES } from './endpoint-options';
import { invalidEndpoint } from './read-draft';
import { chooseSecret } from './secret-choice';
import { StoredEntry } from './stored-entry';

/** An entry that is ready to be stored. */
export interface SealedEntry {
  readonly entry: StoredEntry;
  /** Secrets that were given anew. */
  readonly replaced: readonly SecretField[];
}

/** Makes a stored entry out of a draft: checks what must be there and seals the secrets. */
@Injectable()
export class EndpointSealer {
  constructor(private readonly vault: CredentialVault) {}

  /**
   * @param before the entry that is replaced, `undefined` for a new one
   * @returns `invalid-endpoint`, or `no-key-material` where a secret would have to be sealed
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
      const choice = chooseSecret(this.vault, field, draft.secrets[field], stored);
      if (isRefusal(choice)) return choice;
      if (choice.kind === 'keep') {
        const problem = field === 'password' && before && whyEnterAgain(before.endpoint, endpoint);
        if (problem) return invalidEndpoint([problem]);
        credentials[field] = choice.stored;
      } else if (choice.kind === 'replace') {
        const sealed = await this.vault.seal({ tenant, deviceId, endpoint }, field, choice.secret);
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

/**
 * A stored password goes only where it was meant to go when it was entered: whoever may edit an
 * endpoint must not be able to have it sent to a host of theirs. Removing a pinned key is the
 * product's own way after a server was reinstalled; it stands in the audit log.
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
  return `Enter the password again: with a new ${names} the stored one is not kept`;
}

function missingCredentials(credentials: EndpointCredentials): string[] {
  return MANDATORY_CREDENTIALS[credentials.type]
    .filter(field => credentials[field] === null)
    .map(field => `${MISSING[field] ?? field} must be provided in ${credentials.type} credentials`);
}

/** The beginning of the product's sentence, for the fields that people know by another name. */
const MISSING: Partial<Record<string, string>> = {
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

/** Fields that other programs added to an entry; they survive our writes. */
function unknownFields(before: StoredEntry | undefined, part?: 'credentials'): object {
  if (!isObject(before?.raw)) return {};
  if (part === undefined) {
    const others = Object.entries(before.raw).filter(([name]) => !KNOWN_FIELDS.includes(name));
    return Object.fromEntries(others);
  }
  const credentials = before.raw[part];
  return isObject(credentials) ? credentials : {};
}
