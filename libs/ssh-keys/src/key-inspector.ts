import {
  type CertificateDescription,
  type HostKeyDescription,
  isRefusal,
  type KeyDescription,
  type KeyInspection,
  type KeyPairDescription,
  type Refusal,
} from '@remote-access/contracts';
import { certificateLine, type Certificate } from './keys/certificate';
import { normalHostKeys, type HostKeyLine, type ServerAddress } from './formats/known-hosts';
import { keyComment } from './formats/key-text';
import { type KeyReader, type Commented } from './key-reader';
import type { PublicKey } from './keys/public-key';
import type { ReadPrivateKey } from './formats/encrypted-key';
import { refusedKey } from './wire/key-errors';

/** Texts of any format; empty, null and absent mean that there is none. */
export interface GivenKeys {
  readonly privateKey?: string | null | undefined;
  readonly publicKey?: string | null | undefined;
  readonly certificate?: string | null | undefined;
  readonly hostKey?: string | null | undefined;
  /** Opens the private key. */
  readonly passphrase?: string | null | undefined;
}

/** What was read, `undefined` where nothing was given. */
interface ReadKeys {
  readonly private: ReadPrivateKey | undefined;
  readonly public: Commented<PublicKey> | undefined;
  readonly certificate: Commented<Certificate> | undefined;
  readonly hostKeys: readonly HostKeyLine[];
}

/** Tells what given keys are, whether they belong together, and how an endpoint stores them. */
export class KeyInspector {
  constructor(private readonly reader: KeyReader) {}

  /**
   * The public half is derived where only the private one is given.
   * @param server chooses among known_hosts lines of several servers
   * @returns `invalid-key`, `passphrase-needed`, `too-many-requests`
   */
  async inspect(given: GivenKeys, server?: ServerAddress): Promise<KeyInspection | Refusal> {
    const keys = await this.read(given, server);
    if (isRefusal(keys)) return keys;
    return mismatch(keys) ?? inspection(keys);
  }

  /** The cheap ones first: a wrong host key is told before a private key is opened. */
  private async read(
    given: GivenKeys,
    server: ServerAddress | undefined,
  ): Promise<ReadKeys | Refusal> {
    const { reader } = this;
    const hostKeys = given.hostKey ? await reader.hostKeys(given.hostKey, server) : [];
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

function mismatch(keys: ReadKeys): Refusal | undefined {
  const certified = keys.certificate?.value.publicKey;
  const privateKey = keys.private?.key.publicKey;
  const publicKey = keys.public?.value;
  if (differ(privateKey, publicKey)) {
    return refusedKey('The private key does not belong to the public key.');
  }
  if (differ(privateKey, certified)) {
    return refusedKey('The private key does not belong to the certificate.');
  }
  if (differ(publicKey, certified)) {
    return refusedKey('The public key does not belong to the certificate.');
  }
  return undefined;
}

function differ(one: PublicKey | undefined, other: PublicKey | undefined): boolean {
  return one !== undefined && other !== undefined && !one.equals(other);
}

function inspection(keys: ReadKeys): KeyInspection {
  const { certificate, hostKeys } = keys;
  const publicKey = keys.public?.value ?? keys.private?.key.publicKey;
  const comment = keyComment(keys.public?.comment || keys.private?.comment || '');
  return {
    keyPair: publicKey ? keyPair(publicKey, comment, keys.private) : null,
    certificate: certificate ? describeCertificate(certificate) : null,
    hostKeys: hostKeys.map(describeHostKey),
    normal: {
      privateKey: keys.private?.key.container(comment) ?? null,
      publicKey: publicKey?.line(comment) ?? null,
      certificate: certificate
        ? certificateLine(certificate.value, keyComment(certificate.comment))
        : null,
      hostKey: hostKeys.length > 0 ? normalHostKeys(hostKeys) : null,
    },
  };
}

function keyPair(
  key: PublicKey,
  comment: string,
  privateKey: ReadPrivateKey | undefined,
): KeyPairDescription {
  return {
    ...describe(key, comment),
    hasPrivateKey: privateKey !== undefined,
    encrypted: privateKey?.encrypted ?? false,
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
