import { isRefusal, type Refusal, type RemoteAccessError } from '@remote-access/contracts';
import { findArmour, labelOf, textLines } from './formats/key-text';
import { readCertificateBlob, type Certificate } from './keys/certificate';
import { readHostKeys, type HostKeyLine, type ServerAddress } from './formats/known-hosts';
import type { Derive } from './derivation/derivation';
import { looksLikeKeyType } from './keys/key-type';
import { readOpensshContainer } from './formats/openssh-container';
import { isPemPrivateKey, readPemPrivateKey } from './formats/pem-private-key';
import { PublicKey } from './keys/public-key';
import { readPublicText } from './formats/public-key-text';
import { isPuttyKey, readPuttyKey } from './formats/putty-key';
import type { Opener, ReadPrivateKey } from './formats/encrypted-key';
import { refusedKey, unknownKeyPair } from './wire/key-errors';

const OPENSSH = 'OPENSSH PRIVATE KEY';

/** Longer than what a person enters; ssh-keygen takes 1024 characters. */
const MAX_PASSPHRASE = 1024;

/** A public key or certificate with the comment that stood beside it. */
export interface Commented<Thing> {
  readonly value: Thing;
  readonly comment: string;
}

/**
 * Reads keys in every format that people have them in. Refusals are `invalid-key`, with the
 * product's words where no format is recognized; `passphrase-needed`; `too-many-requests`.
 */
export class KeyReader {
  constructor(private readonly derive: Derive) {}

  /** An OpenSSH container, PEM (PKCS#1, SEC1, PKCS#8) or PuTTY file, protected or not. */
  privateKey(text: string, passphrase = ''): Promise<ReadPrivateKey | Refusal> {
    return answered(() => {
      if (passphrase.length > MAX_PASSPHRASE) throw refusedKey('The passphrase is too long.');
      const opener = { passphrase, derive: this.derive };
      return readPrivateKey(textLines(text, 'private key'), opener);
    });
  }

  /** An OpenSSH line, RFC 4716, or PEM. */
  publicKey(text: string): Promise<Commented<PublicKey> | Refusal> {
    return answered(() => {
      const { blob, comment } = readPublicText(textLines(text, 'public key'), 'public key');
      return { value: PublicKey.fromBlob(blob), comment };
    });
  }

  /** An OpenSSH certificate of a user. */
  certificate(text: string): Promise<Commented<Certificate> | Refusal> {
    return answered(() => {
      const lines = textLines(text, 'certificate');
      const { blob, comment, isCertificate } = readPublicText(lines, 'certificate');
      if (!isCertificate) throw refusedKey('This is a public key; a certificate is expected.');
      return { value: readCertificateBlob(blob), comment };
    });
  }

  /** The keys of a server, of which there is at least one. */
  hostKeys(text: string, server?: ServerAddress): Promise<readonly HostKeyLine[] | Refusal> {
    return answered(() => readHostKeys(textLines(text, 'host key'), server));
  }
}

async function readPrivateKey(lines: readonly string[], opener: Opener): Promise<ReadPrivateKey> {
  if (isPuttyKey(lines)) return readPuttyKey(lines, opener);
  const armour = findArmour(lines, label => label === OPENSSH || isPemPrivateKey(label));
  if (armour?.label === OPENSSH) return readOpensshContainer(armour.bytes, opener);
  if (armour) return readPemPrivateKey(armour, opener);
  throw whatElse(lines);
}

/** Words for what people mistake for a private key in a format that is read. */
function whatElse(lines: readonly string[]): RemoteAccessError {
  const [first = ''] = lines;
  const label = labelOf(first) ?? '';
  if (label === 'SSH2 ENCRYPTED PRIVATE KEY') {
    return refusedKey('Private keys of ssh.com are not supported. Convert it with puttygen.');
  }
  if (first.startsWith('SSH PRIVATE KEY FILE FORMAT 1.1')) {
    return refusedKey('Keys of SSH version 1 are not supported: no server takes them any more.');
  }
  if (looksLikeKeyType(first.split(/\s/, 1)[0]!) || label.endsWith('PUBLIC KEY')) {
    return refusedKey('This is a public key; the private key is expected here.');
  }
  return unknownKeyPair();
}

/** The border where what readers throw becomes a refusal; anything else stays an error. */
async function answered<Value>(read: () => Value | Promise<Value>): Promise<Value | Refusal> {
  try {
    return await read();
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}
