import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  scrypt,
} from 'node:crypto';
import { promisify } from 'node:util';
import { CIPHER_MARK } from '@remote-access/contracts';
import { Secret } from '@remote-access/settings';
import type { KeyMaterial } from '../settings/settings';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^\{cipher\}(v[12])\.([0-9a-f]{8})\.([\w-]+)$/;

/**
 * RFC 7914 parameters: 32 MiB and about a tenth of a second, once per key, in Node's thread pool.
 */
const SCRYPT_COST = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

const deriveKey = promisify<string, string, number, object, Buffer>(scrypt);

/** `v2` is written since entries are authenticated; `v1` is older and only read. */
export type SealedForm = 'v1' | 'v2';

/** An AES-256-GCM key with the id that sealed texts contain. */
export class SealingKey {
  private constructor(
    /** Eight hexadecimal digits that identify the key and reveal nothing about it. */
    readonly id: string,
    readonly bytes: Buffer,
    /** The key that authenticates entries. */
    readonly macBytes: Buffer,
  ) {}

  static async from(material: KeyMaterial): Promise<SealingKey> {
    const { password, salt } = material;
    const bytes = await deriveKey(password.reveal(), salt.reveal(), KEY_BYTES, SCRYPT_COST);
    const id = createHash('sha256').update('remoteaccess key id').update(bytes).digest('hex');
    const macBytes = hkdfSync('sha256', bytes, '', 'remoteaccess entry mac', KEY_BYTES);
    return new SealingKey(id.slice(0, 8), bytes, Buffer.from(macBytes));
  }
}

/**
 * Format: `{cipher}v2.KEYID.` followed by nonce, ciphertext and tag in base64url (NIST SP 800-38D).
 * Nonces are random, which is safe for about 2^32 secrets per key.
 *
 * @param context what the text is bound to; it cannot be decrypted in another context
 */
export function seal(key: SealingKey, context: readonly string[], secret: Secret): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.bytes, nonce).setAAD(encoded(context));
  const sealed = [nonce, cipher.update(secret.reveal(), 'utf8'), cipher.final()];
  const bytes = Buffer.concat([...sealed, cipher.getAuthTag()]);
  return `${CIPHER_MARK}v2.${key.id}.${bytes.toString('base64url')}`;
}

/**
 * @param context the context that belongs to the text's form
 * @returns `undefined` if the format or key is unknown, or the text was moved or forged
 */
export function unseal(
  keys: readonly SealingKey[],
  context: readonly string[],
  text: string,
): Secret | undefined {
  const [, , keyId, body = ''] = SEALED.exec(text) ?? [];
  const key = keys.find(({ id }) => id === keyId);
  const bytes = Buffer.from(body, 'base64url');
  if (!key || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  // The last base64 character has unused bits; accept only the canonical encoding.
  if (bytes.toString('base64url') !== body) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key.bytes, bytes.subarray(0, NONCE_BYTES))
    .setAAD(encoded(context))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return new Secret(Buffer.concat([opened, decipher.final()]).toString('utf8'));
  } catch {
    // final() throws if the tag does not match; the error contains no further information.
    return undefined;
  }
}

/** The form of a sealed text and the id of its key; `undefined` if it has another format. */
export function sealedWith(text: string): { form: SealedForm; keyId: string } | undefined {
  const [, form, keyId] = SEALED.exec(text) ?? [];
  return form && keyId ? { form: form as SealedForm, keyId } : undefined;
}

/** JSON keeps ["ab","c"] and ["a","bc"] apart. */
function encoded(context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(context));
}
