import { createHash, createHmac } from 'node:crypto';
import type { Derivation } from '../derivation/derivation';
import { readCertificateBlob } from '../keys/certificate';
import { certifiedKeyType } from '../keys/key-type';
import { PrivateKey } from '../keys/private-key';
import { PublicKey } from '../keys/public-key';
import { invalidKey, passphraseMissing, wrongPassphrase } from '../wire/key-errors';
import { sshWire, WireReader } from '../wire/ssh-wire';
import { decrypt, type DecryptionOptions, type ParsedPrivateKey } from './encrypted-key';
import { decodeBase64 } from './key-text';

const FIRST_LINE = /^PuTTY-User-Key-File-(\d{1,3}): ([!-~]{1,64})$/;

/** The keys for AES-256-CBC and the MAC. */
interface PuttyKeys {
  readonly cipherKey: Buffer;
  readonly iv: Buffer;
  readonly macKey: Buffer;
}

export function isPuttyKey(lines: readonly string[]): boolean {
  return lines[0]?.startsWith('PuTTY-User-Key-File-') === true;
}

/**
 * Reads `.ppk` files of versions 2 and 3 (PuTTY manual, appendix C).
 * @throws RemoteAccessError `invalid-key`, `passphrase-needed`
 */
export async function readPuttyKey(
  lines: readonly string[],
  { passphrase, derive }: DecryptionOptions,
): Promise<ParsedPrivateKey> {
  const [, version, type = ''] = FIRST_LINE.exec(lines[0] ?? '') ?? [];
  if (version !== '2' && version !== '3') {
    throw invalidKey(
      'Only PuTTY key versions 2 and 3 are supported. Save the key again with puttygen.',
    );
  }
  const file = new PuttyFile(lines);
  const encryption = file.line('Encryption');
  const comment = file.line('Comment');
  const publicBlob = file.block('Public-Lines');
  const stored = file.block('Private-Lines');
  const encrypted = encryption === 'aes256-cbc';
  if (!encrypted && encryption !== 'none') {
    throw invalidKey('The PuTTY key is protected in an unsupported way.');
  }
  if (encrypted && passphrase === '') throw passphraseMissing();
  const given = encrypted ? passphrase : '';
  const keys =
    version === '2' ? keysOfVersion2(given) : await keysOfVersion3(file, encrypted, given, derive);
  const BLOCK = 16;
  if (encrypted && stored.length % BLOCK !== 0) throw damaged();
  const secret = encrypted ? decrypt('aes-256-cbc', keys.cipherKey, keys.iv, stored) : stored;

  const covered = sshWire.strings([type, encryption, comment, publicBlob, secret]);
  const digest = version === '2' ? 'sha1' : 'sha256';
  const mac = createHmac(digest, keys.macKey).update(covered).digest('hex');
  if (mac !== file.line('Private-MAC')) {
    if (encrypted) throw wrongPassphrase();
    throw invalidKey('The PuTTY key is damaged or was changed: its checksum does not match.');
  }
  const publicKey = certifiedKeyType(type)
    ? readCertificateBlob(publicBlob).publicKey
    : PublicKey.fromBlob(publicBlob);
  const key = combine(publicKey, new WireReader(secret, 'PuTTY key'));
  if (!key.publicKey.equals(publicKey)) throw damaged();
  return { key, comment, encrypted };
}

/** Fields of the form `Name: value`, and fields that give the number of base64 lines below them. */
class PuttyFile {
  constructor(private readonly lines: readonly string[]) {}

  line(name: string): string {
    const line = this.lines[this.find(name)];
    return line?.slice(name.length + 2) ?? '';
  }

  block(name: string): Buffer {
    const count = this.number(name);
    const first = this.find(name) + 1;
    if (count > this.lines.length - first) throw damaged();
    return decodeBase64(this.lines.slice(first, first + count).join(''));
  }

  number(name: string): number {
    const text = this.line(name);
    if (!/^\d{1,12}$/.test(text)) throw damaged();
    return Number(text);
  }

  private find(name: string): number {
    const at = this.lines.findIndex(line => line.startsWith(`${name}:`));
    if (at === -1) throw invalidKey(`The PuTTY key is cut off: the line "${name}" is missing.`);
    return at;
  }
}

function keysOfVersion2(passphrase: string): PuttyKeys {
  const sha1 = (...parts: (string | Buffer)[]): Buffer =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest();
  const [first, second] = [0, 1].map(count => sha1(sshWire.uint32(count), passphrase));
  return {
    cipherKey: Buffer.concat([first!, second!]).subarray(0, 32),
    iv: Buffer.alloc(16),
    macKey: sha1('putty-private-key-file-mac-key', passphrase),
  };
}

const ARGON2 = { Argon2id: 'argon2id', Argon2i: 'argon2i', Argon2d: 'argon2d' } as const;

async function keysOfVersion3(
  file: PuttyFile,
  encrypted: boolean,
  passphrase: string,
  derive: DecryptionOptions['derive'],
): Promise<PuttyKeys> {
  const empty = Buffer.alloc(0);
  if (!encrypted) return { cipherKey: empty, iv: empty, macKey: empty };
  const variant = file.line('Key-Derivation');
  if (!Object.hasOwn(ARGON2, variant)) throw damaged();
  const derivation: Derivation = {
    kind: 'argon2',
    variant: ARGON2[variant as keyof typeof ARGON2],
    salt: Buffer.from(file.line('Argon2-Salt'), 'hex'),
    memoryKib: file.number('Argon2-Memory'),
    passes: file.number('Argon2-Passes'),
    parallelism: file.number('Argon2-Parallelism'),
    length: 32 + 16 + 32,
  };
  const bytes = await derive(derivation, passphrase);
  return {
    cipherKey: bytes.subarray(0, 32),
    iv: bytes.subarray(32, 48),
    macKey: bytes.subarray(48),
  };
}

/** Combines the private fields with the public ones, which the private part does not repeat. */
function combine({ type, fields }: PublicKey, secret: WireReader): PrivateKey {
  switch (type.algorithm) {
    case 'RSA': {
      const [e, n] = fields as [Buffer, Buffer];
      const [d, p, q] = [secret.string(), secret.string(), secret.string()] as const;
      return PrivateKey.rsa({ n, e, d, p, q, inverse: secret.string() });
    }
    case 'DSA': {
      const [p, q, g] = fields as [Buffer, Buffer, Buffer];
      return PrivateKey.dsa({ p, q, g, x: secret.string() });
    }
    case 'ECDSA':
      return PrivateKey.ecdsa(type.curve, secret.string());
    case 'ED25519':
      return PrivateKey.ed25519(secret.string());
    default:
      return type satisfies never;
  }
}

function damaged(): Error {
  return invalidKey('The PuTTY key is cut off or damaged.');
}
