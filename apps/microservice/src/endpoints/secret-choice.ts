import { type Refusal, RemoteAccessError, type SecretField } from '@remote-access/contracts';
import { Secret } from '@remote-access/settings';
import type { CredentialVault } from '../credentials/credential-vault';
import { CIPHER_MARK } from '../credentials/sealed-text';

/** What becomes of a stored secret. */
export type SecretChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'keep'; readonly stored: string }
  | { readonly kind: 'replace'; readonly secret: Secret };

const MISMATCH: Readonly<Record<SecretField, string>> = {
  password: 'Password cipher does not match',
  privateKey: 'Private key cipher does not match',
};

/**
 * Absent, the stand-in that GET gave, or the stored text itself keep what is stored; null clears;
 * other sealed text was made elsewhere and is refused; anything else is a new secret.
 *
 * @param given `undefined` where the body did not name the field
 * @param stored the sealed text, `null` where there is none
 */
export function chooseSecret(
  vault: Pick<CredentialVault, 'standIn'>,
  field: SecretField,
  given: string | null | undefined,
  stored: string | null,
): SecretChoice | Refusal {
  if (given === undefined) return stored === null ? { kind: 'none' } : { kind: 'keep', stored };
  if (given === null) return { kind: 'none' };
  if (!given.startsWith(CIPHER_MARK)) return { kind: 'replace', secret: new Secret(given) };
  if (stored !== null && (given === stored || given === vault.standIn(stored))) {
    return { kind: 'keep', stored };
  }
  return new RemoteAccessError('invalid-endpoint', { detail: MISMATCH[field] });
}
