import { certifiedKeyType, looksLikeKeyType } from '../keys/key-type';
import { invalidKey, unrecognizedKeyPair } from '../wire/key-errors';
import { WireReader } from '../wire/ssh-wire';
import { decodeBase64, findPemBlock, hasPemBlock, pemLabel, type PemBlock } from './key-text';
import { isPemPublicKey, readPemPublicKey } from './pem-key';
import { isPuttyKey } from './putty-key';

const RFC_4716 = 'SSH2 PUBLIC KEY';

/** A public key or certificate in SSH wire format. */
export interface PublicKeyBlob {
  readonly blob: Buffer;
  readonly comment: string;
  readonly isCertificate: boolean;
}

/**
 * Finds the one public key or certificate in a text: an OpenSSH line, RFC 4716 or PEM.
 * @param subject for error texts
 * @param unrecognized creates the error for a text in no known format
 * @throws RemoteAccessError `invalid-key`
 */
export function readPublicKeyText(
  lines: readonly string[],
  subject: 'public key' | 'certificate' | 'host key',
  unrecognized: () => Error = unrecognizedKeyPair,
): PublicKeyBlob {
  if (isPuttyKey(lines) || lines.some(line => pemLabel(line)?.endsWith('PRIVATE KEY'))) {
    throw invalidKey(`This is a private key; only the ${subject} belongs here.`);
  }
  const block = findPemBlock(lines, label => label === RFC_4716 || isPemPublicKey(label));
  if (block) return readBlock(block);
  if (lines.some(line => pemLabel(line) === 'CERTIFICATE')) {
    throw invalidKey('This is an X.509 certificate; SSH needs an OpenSSH key or certificate.');
  }
  if (hasPemBlock(lines)) throw unrecognized();
  const used = lines.filter(line => line !== '' && !line.startsWith('#'));
  const [line = ''] = used;
  if (!looksLikeKeyType(line.split(/\s/, 1)[0]!)) throw unrecognized();
  if (used.length > 1) throw invalidKey(`There are several lines; give one ${subject}.`);
  return readPublicKeyLine(line);
}

/** `type base64 [comment]`, as in OpenSSH's `.pub` and `authorized_keys` (sshd(8)). */
export function readPublicKeyLine(line: string): PublicKeyBlob {
  const [, name = '', base64 = '', comment = ''] =
    /^(\S+)(?:\s+(\S+))?(?:\s+(.*))?$/.exec(line) ?? [];
  if (base64 === '') throw invalidKey('The public key is cut off: its base64 text is missing.');
  const blob = decodeBase64(base64);
  if (typeOf(blob) === name) return describe(blob, comment);
  throw invalidKey('The public key is damaged: its line names a different type than its content.');
}

function readBlock({ label, headers, bytes }: PemBlock): PublicKeyBlob {
  if (label !== RFC_4716) {
    return { blob: readPemPublicKey(label, bytes).blob, comment: '', isCertificate: false };
  }
  const comment = headers.get('comment') ?? '';
  return describe(bytes, comment.replace(/^"(.*)"$/, '$1'));
}

function describe(blob: Buffer, comment: string): PublicKeyBlob {
  return { blob, comment, isCertificate: certifiedKeyType(typeOf(blob)) !== undefined };
}

function typeOf(blob: Buffer): string {
  return new WireReader(blob, 'public key').text();
}
