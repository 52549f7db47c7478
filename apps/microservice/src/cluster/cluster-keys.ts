import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHmac,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import type { ServiceAccount } from '../settings/settings';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The order of P-256, SEC 2 section 2.4.2. */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** 128 bits longer than the order, so that the remainder is unbiased. */
const SCALAR_SEED_BYTES = 48;

/** A private key of P-256, as in a JSON Web Key (RFC 7518 section 6.2). */
export interface P256Key {
  readonly d: string;
  readonly x: string;
  readonly y: string;
}

/**
 * Keys that only the replicas know, derived from the account with which they sign in to the
 * platform. The broker carries only sealed messages, so access to it is not sufficient to read or
 * forge one.
 */
export class ClusterKeys {
  private readonly messageKey: Buffer;
  private readonly nameKey: Buffer;
  /** Signs the certificates with which replicas authenticate each other. */
  readonly authority: P256Key;

  constructor({ tenant, user, password }: ServiceAccount) {
    const derive = (purpose: string, bytes: number): Buffer => {
      const salt = `${tenant}/${user}`;
      const info = `remote access replicas: ${purpose}`;
      return Buffer.from(hkdfSync('sha256', password.reveal(), salt, info, bytes));
    };
    this.messageKey = derive('messages', 32);
    this.nameKey = derive('names', 32);
    this.authority = p256Key(derive('certificates', SCALAR_SEED_BYTES));
  }

  /** Names something in a subject without revealing the secret under which it is found. */
  nameOf(secret: string): string {
    return createHmac('sha256', this.nameKey).update(secret).digest('base64url');
  }

  /** @param subject the subject of the message; it can be opened under this subject only */
  seal(subject: string, message: unknown): Uint8Array {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.messageKey, iv).setAAD(Buffer.from(subject));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(message), 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
  }

  /** @returns `undefined` if no replica sealed it for this subject */
  open(subject: string, bytes: Uint8Array): unknown {
    const iv = bytes.subarray(0, IV_BYTES);
    const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    if (tag.length < TAG_BYTES) return undefined;
    try {
      const decipher = createDecipheriv(CIPHER, this.messageKey, iv).setAAD(Buffer.from(subject));
      decipher.setAuthTag(tag);
      const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8');
      return JSON.parse(text + decipher.final('utf8')) as unknown;
    } catch {
      // It was not sent by a replica.
      return undefined;
    }
  }
}

function p256Key(seed: Buffer): P256Key {
  const scalar = (BigInt(`0x${seed.toString('hex')}`) % (P256_ORDER - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(d);
  const point = curve.getPublicKey();
  const text = (bytes: Buffer): string => bytes.toString('base64url');
  return { d: text(d), x: text(point.subarray(1, 33)), y: text(point.subarray(33)) };
}
