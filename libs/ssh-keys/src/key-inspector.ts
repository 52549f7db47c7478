import {
  type CertificateDescription,
  type HostKeyDescription,
  isRefusal,
  type KeyDescription,
  type KeyInspection,
  type KeyPairDescription,
  type Refusal,
} from '@remote-access/contracts';
import type { ParsedPrivateKey } from './formats/encrypted-key';
import { keyComment } from './formats/key-text';
import {
  type GivenHostKeys,
  type HostKeyLine,
  normalizedHostKeys,
  type ServerAddress,
} from './formats/known-hosts';
import { writeOpensshContainer } from './formats/openssh-container';
import type { Commented, KeyReader } from './key-reader';
import { certificateLine, type Certificate } from './keys/certificate';
import type { PublicKey } from './keys/public-key';
import { invalidKey } from './wire/key-errors';

/** Texts in any format; empty, null and undefined mean that none is given. */
export interface GivenKeys {
  readonly privateKey?: string | null | undefined;
  readonly publicKey?: string | null | undefined;
  readonly certificate?: string | null | undefined;
  readonly hostKey?: string | null | undefined;
  /** The passphrase of the private key. */
  readonly passphrase?: string | null | undefined;
}

/** The parsed keys; `undefined` if none was given. */
interface ParsedKeys {
  readonly private: ParsedPrivateKey | undefined;
  readonly public: Commented<PublicKey> | undefined;
  readonly certificate: Commented<Certificate> | undefined;
  readonly hostKeys: GivenHostKeys | undefined;
}

/** Describes keys, checks that they belong together, and converts them to the stored form. */
export class KeyInspector {
  constructor(private readonly reader: KeyReader) {}

  /**
   * Derives the public key if only the private one is given.
   * @param server selects lines of a known_hosts file with several servers
   * @returns a refusal of KeyReader, or `invalid-key` for keys that do not belong together
   */
  async inspect(given: GivenKeys, server?: ServerAddress): Promise<KeyInspection | Refusal> {
    const keys = await this.read(given, server);
    if (isRefusal(keys)) return keys;
    return mismatch(keys) ?? inspection(keys);
  }

  /** Cheap ones first: a bad host key is reported before a private key is decrypted. */
  private async read(
    given: GivenKeys,
    server: ServerAddress | undefined,
  ): Promise<ParsedKeys | Refusal> {
    const { reader } = this;
    const hostKeys = given.hostKey ? await reader.hostKeys(given.hostKey, server) : undefined;
    if (isRefusal(hostKeys)) return hostKeys;
    const publicKey = given.publicKey ? await reader.publicKey(given.publicKey) : undefined;
    if (isRefusal(publicKey)) return publicKey;
    const certificate = given.certificate ? await reader.certificate(given.certificate) : undefined;
    if (isRefusal(certificate)) return certificate;
    const privateKey = given.privateKey
      ? await reader.privateKey(given.privateKey, given.passphrase ?? '')
      : undefined;
    if (isRefusal(privateKey)) return privateKey;
    return { private: privateKey, public: publicKey, certificate, hostKeys };
  }
}

function mismatch(keys: ParsedKeys): Refusal | undefined {
  const certified = keys.certificate?.value.publicKey;
  const privateKey = keys.private?.key.publicKey;
  const publicKey = keys.public?.value;
  if (differ(privateKey, publicKey)) {
    return invalidKey('The private key does not belong to the public key.');
  }
  if (differ(privateKey, certified)) {
    return invalidKey('The private key does not belong to the certificate.');
  }
  if (differ(publicKey, certified)) {
    return invalidKey('The public key does not belong to the certificate.');
  }
  return undefined;
}

function differ(one: PublicKey | undefined, other: PublicKey | undefined): boolean {
  return one !== undefined && other !== undefined && !one.equals(other);
}

function inspection(keys: ParsedKeys): KeyInspection {
  const { certificate, hostKeys } = keys;
  const publicKey = keys.public?.value ?? keys.private?.key.publicKey;
  const comment = keyComment(keys.public?.comment || keys.private?.comment || '');
  return {
    keyPair: publicKey ? keyPair(publicKey, comment, keys.private) : null,
    certificate: certificate ? describeCertificate(certificate) : null,
    hostKeys: [
      ...(hostKeys?.trusted ?? []).map(describeHostKey),
      ...(hostKeys?.revoked ?? []).map(one => ({ ...describeHostKey(one), revoked: true })),
    ],
    ...(hostKeys?.skipped.length ? { skippedHostKeys: [...hostKeys.skipped] } : {}),
    normal: {
      privateKey: keys.private ? writeOpensshContainer(keys.private.key, comment) : null,
      publicKey: publicKey?.line(comment) ?? null,
      certificate: certificate
        ? certificateLine(certificate.value, keyComment(certificate.comment))
        : null,
      hostKey: hostKeys ? normalizedHostKeys(hostKeys) : null,
    },
  };
}

function keyPair(
  key: PublicKey,
  comment: string,
  privateKey: ParsedPrivateKey | undefined,
): KeyPairDescription {
  return {
    ...describe(key, comment),
    hasPrivateKey: privateKey !== undefined,
    encrypted: privateKey?.encrypted ?? false,
    ...(privateKey?.repaired ? { repaired: true } : {}),
  };
}

function describe(key: PublicKey, comment: string): KeyDescription {
  const { algorithm, type, bits, sha256, md5 } = key;
  return { algorithm, type: type.name, bits, sha256, md5, comment };
}

function describeCertificate({ value, comment }: Commented<Certificate>): CertificateDescription {
  const { publicKey, authority, type, keyId, serial, principals } = value;
  return {
    ...describe(publicKey, keyComment(comment)),
    type,
    keyId: keyComment(keyId),
    serial: serial.toString(),
    principals: principals.map(keyComment),
    validAfter: value.validAfter?.toISOString() ?? null,
    validBefore: value.validBefore?.toISOString() ?? null,
    authority: { algorithm: authority.algorithm, sha256: authority.sha256 },
  };
}

function describeHostKey({ key, comment, hosts }: HostKeyLine): HostKeyDescription {
  return { ...describe(key, keyComment(comment)), hosts: [...hosts] };
}
