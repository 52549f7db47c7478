import { createHash, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyMaterial } from '../settings/settings';

const derive = promisify<string, string, number, object, Buffer>(scrypt);

const KEY_BYTES = 32;

/** RFC 7914: 32 MiB and about a tenth of a second, once per key, on a thread of the pool. */
const SCRYPT_COST = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** A key for AES-256-GCM with the id that sealed texts carry. */
export class SealingKey {
  private constructor(
    /** Eight hex digits that tell keys apart and nothing about them. */
    readonly id: string,
    readonly bytes: Buffer,
  ) {}

  static async from(material: KeyMaterial): Promise<SealingKey> {
    const { password, salt } = material;
    const bytes = await derive(password.reveal(), salt.reveal(), KEY_BYTES, SCRYPT_COST);
    const id = createHash('sha256').update('remoteaccess key id').update(bytes).digest('hex');
    return new SealingKey(id.slice(0, 8), bytes);
  }
}
