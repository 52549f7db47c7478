import { LIMITS, RemoteAccessError } from '@remote-access/contracts';
import type { ParsedKey } from 'ssh2';
import { HostKey } from '@remote-access/ssh-keys';

const SUFFIX = '-cert-v01@openssh.com';

/** An OpenSSH certificate as it is shown to a server, and how its key signs. */
export interface UserCertificate {
  /** In the request to sign in: `rsa-sha2-512-cert-v01@openssh.com`. */
  readonly algorithm: string;
  /** In the signature: `rsa-sha2-512`. */
  readonly signatureAlgorithm: string;
  /** For ssh2; `undefined` where the kind of key decides. */
  readonly hash: 'sha512' | undefined;
  readonly blob: Buffer;
}

/**
 * Reads a stored certificate (OpenSSH's PROTOCOL.certkeys) for the key that signs.
 * @throws RemoteAccessError `credentials-unusable`
 */
export function readUserCertificate(text: string, key: ParsedKey): UserCertificate {
  const [type = '', base64 = ''] = text.slice(0, LIMITS.key).trim().split(/\s+/, 2);
  const blob = Buffer.from(base64, 'base64');
  // It begins with its type, as a key does.
  if (HostKey.fromBlob(blob)?.type !== type || !type.endsWith(SUFFIX)) {
    throw unusable('cannot be read');
  }
  if (type !== `${key.type}${SUFFIX}`) throw unusable('is for a key of another kind');
  const signatureAlgorithm = key.type === 'ssh-rsa' ? 'rsa-sha2-512' : key.type;
  return {
    algorithm: `${signatureAlgorithm}${SUFFIX}`,
    signatureAlgorithm,
    hash: key.type === 'ssh-rsa' ? 'sha512' : undefined,
    blob,
  };
}

function unusable(what: string): RemoteAccessError {
  return new RemoteAccessError('credentials-unusable', {
    detail: `The certificate stored with this endpoint ${what}. Enter it again.`,
  });
}
