import { isRefusal, type Refusal, type RemoteAccessError } from '@remote-access/contracts';
import type { Derive } from './derivation/derivation';
import type { DecryptionOptions, ParsedPrivateKey } from './formats/encrypted-key';
import { findPemBlock, keyLines, pemLabel, withLineEnds } from './formats/key-text';
import { readHostKeys, type GivenHostKeys, type ServerAddress } from './formats/known-hosts';
import { readOpensshContainer } from './formats/openssh-container';
import { isPemPrivateKey, readPemPrivateKey } from './formats/pem-key';
import { readPublicKeyText } from './formats/public-key-text';
import { isPuttyKey, readPuttyKey } from './formats/putty-key';
import { readCertificateBlob, type Certificate } from './keys/certificate';
import { looksLikeKeyType } from './keys/key-type';
import { PublicKey } from './keys/public-key';
import { invalidKey, unrecognizedKeyPair } from './wire/key-errors';

const OPENSSH = 'OPENSSH PRIVATE KEY';

/** The limit of ssh-keygen; more than anyone types. */
const MAX_PASSPHRASE = 1024;

/** A public key or certificate with its comment. */
export interface Commented<Thing> {
  readonly value: Thing;
  readonly comment: string;
}

/**
 * Reads keys in all common formats. Refusals are `invalid-key`, with the product's text if no
 * format is recognized, `passphrase-needed`, and those of `derive`.
 */
export class KeyReader {
  constructor(private readonly derive: Derive) {}

  /** Reads an OpenSSH container, PEM (PKCS#1, SEC1, PKCS#8) or PuTTY file, encrypted or not. */
  privateKey(text: string, passphrase = ''): Promise<ParsedPrivateKey | Refusal> {
    return catchRefusals(async () => {
      if (passphrase.length > MAX_PASSPHRASE) throw invalidKey('The passphrase is too long.');
      const options = { passphrase, derive: this.derive };
      const { text: whole, isRepaired } = withLineEnds(text);
      const parsed = await readPrivateKey(keyLines(whole, 'private key'), options);
      return isRepaired ? { ...parsed, repaired: true } : parsed;
    });
  }

  /** Reads an OpenSSH line, RFC 4716 or PEM. */
  publicKey(text: string): Promise<Commented<PublicKey> | Refusal> {
    return catchRefusals(() => {
      const lines = keyLines(withLineEnds(text).text, 'public key');
      const { blob, comment } = readPublicKeyText(lines, 'public key');
      return { value: PublicKey.fromBlob(blob), comment };
    });
  }

  /** Reads an OpenSSH user certificate. */
  certificate(text: string): Promise<Commented<Certificate> | Refusal> {
    return catchRefusals(() => {
      const lines = keyLines(withLineEnds(text).text, 'certificate');
      const { blob, comment, isCertificate } = readPublicKeyText(lines, 'certificate');
      if (!isCertificate) throw invalidKey('This is a public key; a certificate is expected.');
      return { value: readCertificateBlob(blob), comment };
    });
  }

  /** Reads the host keys of a server. @returns at least one, trusted or revoked */
  hostKeys(text: string, server?: ServerAddress): Promise<GivenHostKeys | Refusal> {
    return catchRefusals(() => {
      return readHostKeys(keyLines(withLineEnds(text).text, 'host key'), server);
    });
  }
}

async function readPrivateKey(
  lines: readonly string[],
  options: DecryptionOptions,
): Promise<ParsedPrivateKey> {
  if (isPuttyKey(lines)) return readPuttyKey(lines, options);
  const block = findPemBlock(lines, label => label === OPENSSH || isPemPrivateKey(label));
  if (block?.label === OPENSSH) return readOpensshContainer(block.bytes, options);
  if (block) return readPemPrivateKey(block, options);
  throw unreadable(lines);
}

/** Explains what users commonly mistake for a supported private key. */
function unreadable(lines: readonly string[]): RemoteAccessError {
  const [first = ''] = lines;
  const label = pemLabel(first) ?? '';
  if (label === 'SSH2 ENCRYPTED PRIVATE KEY') {
    return invalidKey(
      'Private keys in the format of ssh.com are not supported. Convert the key with puttygen.',
    );
  }
  if (first.startsWith('SSH PRIVATE KEY FILE FORMAT 1.1')) {
    return invalidKey('Keys for SSH version 1 are not supported: no server accepts them any more.');
  }
  if (looksLikeKeyType(first.split(/\s/, 1)[0]!) || label.endsWith('PUBLIC KEY')) {
    return invalidKey('This is a public key; the private key is expected here.');
  }
  return unrecognizedKeyPair();
}

/** Returns refusals that the parsers throw; other errors are rethrown. */
async function catchRefusals<Value>(read: () => Value | Promise<Value>): Promise<Value | Refusal> {
  try {
    return await read();
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}
