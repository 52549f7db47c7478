import { LIMITS, RemoteAccessError } from '@remote-access/contracts';
import { CERTIFICATE_SUFFIX, HostKey } from '@remote-access/ssh-keys';
import { utils, type ParsedKey } from 'ssh2';

/** The stored credentials. Passwords and private keys are secrets. */
export type SshSignIn =
  | { readonly type: 'password'; readonly username: string; readonly password: string }
  | { readonly type: 'key'; readonly username: string; readonly privateKey: string }
  | {
      readonly type: 'certificate';
      readonly username: string;
      readonly privateKey: string;
      /** OpenSSH's line `type base64 [comment]`. */
      readonly certificate: string;
    };

/** The stored credentials, parsed for ssh2. */
export type ParsedSignIn =
  | Extract<SshSignIn, { type: 'password' }>
  | {
      readonly type: 'key';
      readonly username: string;
      readonly key: ParsedKey;
      readonly certificate: UserCertificate | undefined;
    };

/** An OpenSSH certificate as presented to a server, and how its key signs. */
export interface UserCertificate {
  /** The name in the authentication request, e.g. `rsa-sha2-512-cert-v01@openssh.com`. */
  readonly algorithm: string;
  /** The name in the signature, e.g. `rsa-sha2-512`. */
  readonly signatureAlgorithm: string;
  /** Passed to ssh2; `undefined` if the key type determines it. */
  readonly hash: 'sha512' | undefined;
  readonly blob: Buffer;
}

/** @throws RemoteAccessError `credentials-unusable`; the text contains no part of the key */
export function parseSignIn(signIn: SshSignIn): ParsedSignIn {
  if (signIn.type === 'password') return signIn;
  const { username } = signIn;
  const key = parsePrivateKey(signIn.privateKey);
  const isCertified = signIn.type === 'certificate';
  const certificate = isCertified ? parseCertificate(signIn.certificate, key) : undefined;
  return { type: 'key', username, key, certificate };
}

function parsePrivateKey(text: string): ParsedKey {
  if (text.length > LIMITS.key) throw unusable('private key', 'is too large');
  const parsed: ParsedKey | ParsedKey[] | Error = utils.parseKey(text);
  if (parsed instanceof Error) {
    throw unusable(
      'private key',
      /passphrase/i.test(parsed.message)
        ? 'is protected with a passphrase, which is not supported yet'
        : 'has a format that cannot be read',
    );
  }
  const [key] = [parsed].flat();
  if (!key?.isPrivateKey()) throw unusable('private key', 'is not a private key');
  return key;
}

/** Reads a certificate (OpenSSH's PROTOCOL.certkeys) for the key that signs. */
function parseCertificate(text: string, key: ParsedKey): UserCertificate {
  const [type = '', base64 = ''] = text.slice(0, LIMITS.key).trim().split(/\s+/, 2);
  const blob = Buffer.from(base64, 'base64');
  // A certificate begins with its type, like a key.
  if (HostKey.fromBlob(blob)?.type !== type || !type.endsWith(CERTIFICATE_SUFFIX)) {
    throw unusable('certificate', 'cannot be read');
  }
  if (type !== `${key.type}${CERTIFICATE_SUFFIX}`) {
    throw unusable('certificate', 'is for a different type of key');
  }
  const signatureAlgorithm = key.type === 'ssh-rsa' ? 'rsa-sha2-512' : key.type;
  return {
    algorithm: `${signatureAlgorithm}${CERTIFICATE_SUFFIX}`,
    signatureAlgorithm,
    hash: key.type === 'ssh-rsa' ? 'sha512' : undefined,
    blob,
  };
}

function unusable(subject: 'private key' | 'certificate', what: string): RemoteAccessError {
  return new RemoteAccessError('credentials-unusable', {
    detail: `The ${subject} stored with this endpoint ${what}. Enter it again.`,
  });
}
