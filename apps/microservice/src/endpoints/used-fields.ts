import type { CredentialsType, Protocol } from '@remote-access/contracts';
import type { CredentialField } from './endpoint-draft';

const BY_TYPE: Readonly<Record<CredentialsType, readonly CredentialField[]>> = {
  NONE: [],
  PASS_ONLY: ['password'],
  USER_PASS: ['username', 'password'],
  KEY_PAIR: ['username', 'privateKey', 'publicKey'],
  CERTIFICATE: ['username', 'privateKey', 'publicKey', 'certificate'],
};

/** Their servers can be known by a key: VNC's by that of a certificate, or of RSA-AES. */
const SHOW_KEYS: readonly Protocol[] = ['SSH', 'VNC'];
const PIN: readonly CredentialField[] = ['hostKey'];

/** Which credentials an endpoint of this kind has; all others are null. */
export function usedFields(
  protocol: Protocol,
  type: CredentialsType,
): ReadonlySet<CredentialField> {
  return new Set([...BY_TYPE[type], ...(SHOW_KEYS.includes(protocol) ? PIN : [])]);
}
