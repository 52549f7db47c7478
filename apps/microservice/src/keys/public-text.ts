import { findArmour, fromBase64, hasArmour, labelOf, type Armour } from './armour';
import { certifiedTypeNamed, looksLikeKeyType } from './key-type';
import { isPemPublicKey, readPemPublicKey } from './pem-public-key';
import { isPuttyKey } from './putty-key';
import { refusedKey, unknownKeyPair } from './refused-key';
import { WireReader } from './wire-reader';

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
