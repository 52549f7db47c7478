import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Secret } from '@remote-access/settings';
import type { SealingKey } from './sealing-key';

/** What every sealed text begins with, the product's mark. */
export const CIPHER_MARK = '{cipher}';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^\{cipher\}v1\.([0-9a-f]{8})\.([\w-]+)$/;

/**
 * Form: `{cipher}v1.KEYID.` and base64url of nonce, cipher text and tag (NIST SP 800-38D). The
 * nonce is random: 2^32 secrets under one key before a repetition is worth a thought.
 *
 * @param place what the text is bound to; it opens nowhere else
 */
export function seal(key: SealingKey, place: readonly string[], secret: Secret): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.bytes, nonce).setAAD(encoded(place));
  const sealed = [nonce, cipher.update(secret.reveal(), 'utf8'), cipher.final()];
  const bytes = Buffer.concat([...sealed, cipher.getAuthTag()]);
  return `${CIPHER_MARK}v1.${key.id}.${bytes.toString('base64url')}`;
}

/** @returns `undefined` where the text is not of this form, of no key here, moved or forged */
export function unseal(
  keys: readonly SealingKey[],
  place: readonly string[],
  text: string,
): Secret | undefined {
  const [, keyId, body = ''] = SEALED.exec(text) ?? [];
  const key = keys.find(({ id }) => id === keyId);
  const bytes = Buffer.from(body, 'base64url');
  if (!key || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  // The last character has bits to spare; one text, one spelling.
  if (bytes.toString('base64url') !== body) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key.bytes, bytes.subarray(0, NONCE_BYTES))
    .setAAD(encoded(place))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return new Secret(Buffer.concat([opened, decipher.final()]).toString('utf8'));
  } catch {
    // final() throws on a wrong tag and says no more than that.
    return undefined;
  }
}

/** Which key sealed a text; `undefined` where it is not of this form. */
export function keyIdOf(text: string): string | undefined {
  return SEALED.exec(text)?.[1];
}

/** Unambiguous: ["ab","c"] and ["a","bc"] differ. */
function encoded(place: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(place));
}
