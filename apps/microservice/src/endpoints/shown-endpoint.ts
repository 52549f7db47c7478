import { SECRET_FIELDS, type Endpoint, type SecretField } from '@remote-access/contracts';
import type { CredentialVault } from '../credentials/credential-vault';
import type { StoredEntry } from './stored-entry';

/** An endpoint as the API returns it. */
export interface ShownEndpoint extends Endpoint {
  /** Only where the stored entry is damaged: what is wrong, for people. */
  damaged?: readonly string[];
  /** Only where stored secrets do not open for the endpoint as it stands: enter them again. */
  unreadable?: readonly SecretField[];
}

/** The nested form with stand-ins in place of secrets. */
export function shownEndpoint(
  { endpoint, damage }: StoredEntry,
  vault: Pick<CredentialVault, 'standIn'>,
): ShownEndpoint {
  const credentials = { ...endpoint.credentials };
  for (const field of SECRET_FIELDS) {
    const sealed = credentials[field];
    credentials[field] = sealed === null ? null : vault.standIn(sealed);
  }
  return { ...endpoint, credentials, ...(damage.length > 0 ? { damaged: damage } : {}) };
}
