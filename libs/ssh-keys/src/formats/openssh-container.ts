import { createDecipheriv, randomBytes, type CipherGCMTypes } from 'node:crypto';
import { keyTypeNamed, type KeyType } from '../keys/key-type';
import { PrivateKey } from '../keys/private-key';
import { PublicKey, unsupportedType } from '../keys/public-key';
import { invalidKey, passphraseMissing, wrongPassphrase } from '../wire/key-errors';
import { sshWire, WireReader } from '../wire/ssh-wire';
import {
  decrypt,
  decryptAuthenticated,
  type DecryptionOptions,
  type ParsedPrivateKey,
} from './encrypted-key';

/** OpenSSH's PROTOCOL.key, 1. */
const MAGIC = Buffer.from('openssh-key-v1\0');

const SUBJECT = 'private key';

/** Key and IV lengths in bytes of the ciphers of `ssh-keygen -Z`, and their names in OpenSSL. */
const CIPHERS: Readonly<Record<string, { openssl: string; key: number; iv: number }>> = {
  'aes256-ctr': { openssl: 'aes-256-ctr', key: 32, iv: 16 },
  'aes192-ctr': { openssl: 'aes-192-ctr', key: 24, iv: 16 },
  'aes128-ctr': { openssl: 'aes-128-ctr', key: 16, iv: 16 },
  'aes256-cbc': { openssl: 'aes-256-cbc', key: 32, iv: 16 },
  'aes192-cbc': { openssl: 'aes-192-cbc', key: 24, iv: 16 },
  'aes128-cbc': { openssl: 'aes-128-cbc', key: 16, iv: 16 },
  '3des-cbc': { openssl: 'des-ede3-cbc', key: 24, iv: 8 },
  'aes256-gcm@openssh.com': { openssl: 'aes-256-gcm', key: 32, iv: 12 },
  'aes128-gcm@openssh.com': { openssl: 'aes-128-gcm', key: 16, iv: 12 },
  'chacha20-poly1305@openssh.com': { openssl: 'chacha20', key: 64, iv: 0 },
};

/**
 * Reads `-----BEGIN OPENSSH PRIVATE KEY-----` (OpenSSH's PROTOCOL.key).
 * @throws RemoteAccessError `invalid-key`, `passphrase-needed`
 */
export async function readOpensshContainer(
  bytes: Buffer,
  options: DecryptionOptions,
): Promise<ParsedPrivateKey> {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw invalidKey('The private key is damaged: it does not begin like an OpenSSH key.');
  }
  const reader = new WireReader(bytes.subarray(MAGIC.length), SUBJECT);
  const cipher = reader.text();
  const kdf = reader.text();
  const kdfOptions = reader.string();
  if (reader.uint32() !== 1)
    throw invalidKey('The file contains several private keys; give only one.');
  const publicKey = PublicKey.fromBlob(reader.string());
  const content = reader.string();
  const tag = reader.rest();
  const encrypted = cipher !== 'none';
  const plain = encrypted ? await open(cipher, kdf, kdfOptions, content, tag, options) : content;
  const { key, comment } = readContent(plain, encrypted ? options.passphrase : '');
  if (!key.publicKey.equals(publicKey)) {
    throw invalidKey('The private key is damaged: its public half belongs to another key.');
  }
  return { key, comment, encrypted };
}

/** Writes an unencrypted container, as ssh and ssh2 read it. */
export function writeOpensshContainer(key: PrivateKey, comment: string): string {
  const check = randomBytes(4);
  const content = Buffer.concat([
    check,
    check,
    sshWire.strings([key.publicKey.type.name, ...key.fields, comment]),
  ]);
  const BLOCK_BYTES = 8;
  const paddingBytes = -content.length & (BLOCK_BYTES - 1);
  const padding = Buffer.from(Array.from({ length: paddingBytes }, (_, index) => index + 1));
  const bytes = Buffer.concat([
    MAGIC,
    sshWire.strings(['none', 'none', '']),
    sshWire.uint32(1),
    sshWire.strings([key.publicKey.blob, Buffer.concat([content, padding])]),
  ]);
  const lines = bytes.toString('base64').replace(/.{1,70}/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}-----END OPENSSH PRIVATE KEY-----\n`;
}

async function open(
  name: string,
  kdf: string,
  kdfOptions: Buffer,
  content: Buffer,
  tag: Buffer,
  { passphrase, derive }: DecryptionOptions,
): Promise<Buffer> {
  const cipher = Object.hasOwn(CIPHERS, name) ? CIPHERS[name] : undefined;
  if (!cipher || kdf !== 'bcrypt') {
    throw invalidKey('The private key is protected in an unsupported way.');
  }
  if (passphrase === '') throw passphraseMissing();
  const options = new WireReader(kdfOptions, SUBJECT);
  const salt = options.string();
  const rounds = options.uint32();
  const length = cipher.key + cipher.iv;
  const derived = await derive({ kind: 'bcrypt', salt, rounds, length }, passphrase);
  const key = derived.subarray(0, cipher.key);
  const iv = derived.subarray(cipher.key);
  if (cipher.openssl === 'chacha20') return chacha20(key, content);
  if (!cipher.openssl.endsWith('gcm')) return decrypt(cipher.openssl, key, iv, content);
  return decryptAuthenticated(cipher.openssl as CipherGCMTypes, key, iv, content, gcmTag(tag));
}

function gcmTag(tag: Buffer): Buffer {
  const TAG_BYTES = 16;
  if (tag.length !== TAG_BYTES) throw invalidKey('The private key is cut off or damaged.');
  return tag;
}

/**
 * OpenSSH's PROTOCOL.chacha20poly1305, packet number 0, from block 1 on. Its tag, which differs
 * from the standard one, is not verified: the two check numbers and the checks of the key's own
 * numbers detect a wrong passphrase.
 */
function chacha20(key: Buffer, content: Buffer): Buffer {
  const blockOneOfPacketZero = Buffer.alloc(16);
  blockOneOfPacketZero.writeUInt32LE(1);
  const decipher = createDecipheriv('chacha20', key.subarray(0, 32), blockOneOfPacketZero);
  return Buffer.concat([decipher.update(content), decipher.final()]);
}

function readContent(
  content: Buffer,
  passphrase: string,
): Pick<ParsedPrivateKey, 'key' | 'comment'> {
  const reader = new WireReader(content, SUBJECT);
  // A random number, written twice: with a wrong passphrase the two differ.
  if (reader.uint32() !== reader.uint32()) {
    if (passphrase) throw wrongPassphrase();
    throw invalidKey('The private key is damaged: its check numbers differ.');
  }
  const name = reader.text();
  const type = keyTypeNamed(name);
  if (!type) throw unsupportedType(name);
  const key = readKey(type, reader);
  const comment = reader.text();
  if (!reader.rest().every((byte, index) => byte === index + 1)) {
    throw invalidKey('The private key is damaged: it does not end like an OpenSSH key.');
  }
  return { key, comment };
}

/** The fields that OpenSSH's sshkey_private_serialize writes. */
function readKey(type: KeyType, reader: WireReader): PrivateKey {
  switch (type.algorithm) {
    case 'RSA': {
      const [n, e, d] = [reader.string(), reader.string(), reader.string()] as const;
      const [inverse, p, q] = [reader.string(), reader.string(), reader.string()] as const;
      return PrivateKey.rsa({ n, e, d, inverse, p, q });
    }
    case 'DSA': {
      const [p, q, g] = [reader.string(), reader.string(), reader.string()] as const;
      const y = sshWire.positive(reader.string());
      return matching(PrivateKey.dsa({ p, q, g, x: reader.string() }), y);
    }
    case 'ECDSA': {
      reader.string(); // curve
      const point = reader.string();
      return matching(PrivateKey.ecdsa(type.curve, reader.string()), point);
    }
    case 'ED25519': {
      const point = reader.string();
      const SEED_BYTES = 32;
      return matching(PrivateKey.ed25519(reader.string().subarray(0, SEED_BYTES)), point);
    }
    default:
      return type satisfies never;
  }
}

/** The public value in the file must match the one derived from the private value. */
function matching(key: PrivateKey, given: Buffer): PrivateKey {
  if (key.publicKey.fields.at(-1)?.equals(given)) return key;
  throw invalidKey('The private key is damaged: its public half belongs to another key.');
}
