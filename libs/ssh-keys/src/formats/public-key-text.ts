import { findArmour, fromBase64, hasArmour, labelOf, type Armour } from './key-text';
import {
  certifiedTypeNamed,
  CURVES,
  DSA,
  ecdsa,
  ED25519,
  looksLikeKeyType,
  RSA,
} from '../keys/key-type';
import { isPuttyKey } from './putty-key';
import { refusedKey, unknownKeyPair } from '../wire/key-errors';
import { sshWire, WireReader } from '../wire/ssh-wire';
import { ALGORITHM_OIDS, DER, DerReader } from '../wire/der';
import { PublicKey } from '../keys/public-key';

const RFC_4716 = 'SSH2 PUBLIC KEY';

/** The bytes of a public key or certificate as they were found in a text. */
export interface PublicBlob {
  readonly blob: Buffer;
  readonly comment: string;
  readonly isCertificate: boolean;
}

/**
 * Finds the one public key or certificate in a text: OpenSSH's line, RFC 4716 or PEM.
 * @param what for the words of a refusal
 * @param unknown what is thrown for a text in which no format is recognized
 * @throws RemoteAccessError `invalid-key`
 */
export function readPublicText(
  lines: readonly string[],
  what: 'public key' | 'certificate' | 'host key',
  unknown: () => Error = unknownKeyPair,
): PublicBlob {
  if (isPuttyKey(lines) || lines.some(line => labelOf(line)?.endsWith('PRIVATE KEY'))) {
    throw refusedKey(`This is a private key; only the ${what} belongs here.`);
  }
  const armour = findArmour(lines, label => label === RFC_4716 || isPemPublicKey(label));
  if (armour) return readArmour(armour);
  if (lines.some(line => labelOf(line) === 'CERTIFICATE')) {
    throw refusedKey('This is an X.509 certificate; SSH takes keys and certificates of OpenSSH.');
  }
  if (hasArmour(lines)) throw unknown();
  const used = lines.filter(line => line !== '' && !line.startsWith('#'));
  const [line = ''] = used;
  if (!looksLikeKeyType(line.split(/\s/, 1)[0]!)) throw unknown();
  if (used.length > 1) throw refusedKey(`There are several lines; give one ${what}.`);
  return readPublicLine(line);
}

/** `type base64 [comment]`, as in OpenSSH's `.pub` and `authorized_keys` (sshd(8)). */
export function readPublicLine(line: string): PublicBlob {
  const [, name = '', base64 = '', comment = ''] =
    /^(\S+)(?:\s+(\S+))?(?:\s+(.*))?$/.exec(line) ?? [];
  if (base64 === '') throw refusedKey('The public key is cut off: its base64 text is missing.');
  const found = blobOf(fromBase64(base64), comment);
  if (nameOf(found.blob) === name) return found;
  throw refusedKey('The public key is damaged: its line names another type than its content.');
}

function readArmour({ label, headers, bytes }: Armour): PublicBlob {
  if (label !== RFC_4716) {
    return { blob: readPemPublicKey(label, bytes).blob, comment: '', isCertificate: false };
  }
  const comment = headers.get('comment') ?? '';
  return blobOf(bytes, comment.replace(/^"(.*)"$/, '$1'));
}

function blobOf(blob: Buffer, comment: string): PublicBlob {
  return { blob, comment, isCertificate: certifiedTypeNamed(nameOf(blob)) !== undefined };
}

function nameOf(blob: Buffer): string {
  return new WireReader(blob, 'public key').text();
}

const READERS: Readonly<Record<string, (der: Buffer) => PublicKey>> = {
  'PUBLIC KEY': readPublicKeyInfo,
  'RSA PUBLIC KEY': readPkcs1,
};

/** Whether a PEM label names a public key of a format that is read here. */
export function isPemPublicKey(label: string): boolean {
  return Object.hasOwn(READERS, label);
}

/**
 * Reads `PUBLIC KEY` (RFC 5280 4.1.2.7, RFC 3279 2.3, RFC 8410 4) and `RSA PUBLIC KEY`
 * (RFC 8017 A.1.1).
 * @throws RemoteAccessError `invalid-key`
 */
export function readPemPublicKey(label: string, der: Buffer): PublicKey {
  return READERS[label]!(der);
}

function readPkcs1(der: Buffer): PublicKey {
  const numbers = new DerReader(der).within(DER.sequence);
  const n = sshWire.positive(numbers.integer());
  return PublicKey.of(RSA, [sshWire.positive(numbers.integer()), n]);
}

function readPublicKeyInfo(der: Buffer): PublicKey {
  const info = new DerReader(der).within(DER.sequence);
  const algorithm = info.within(DER.sequence);
  const oid = algorithm.oid();
  const key = info.bits();
  switch (oid) {
    case ALGORITHM_OIDS.rsa:
      return readPkcs1(key);
    case ALGORITHM_OIDS.dsa: {
      const group = algorithm.within(DER.sequence);
      const numbers = [group.integer(), group.integer(), group.integer()];
      const fields = [...numbers, new DerReader(key).integer()];
      return PublicKey.of(DSA, fields.map(sshWire.positive));
    }
    case ALGORITHM_OIDS.ec: {
      const name = algorithm.next === DER.oid ? algorithm.oid() : undefined;
      const curve = CURVES.find(one => one.oid === name);
      if (!curve) throw refusedKey('The curve is not supported. Use nistp256, 384 or 521.');
      return PublicKey.of(ecdsa(curve), [Buffer.from(curve.name), key]);
    }
    case ALGORITHM_OIDS.ed25519:
      return PublicKey.of(ED25519, [key]);
    default:
      throw refusedKey('The public key is of a kind that SSH does not use.');
  }
}
