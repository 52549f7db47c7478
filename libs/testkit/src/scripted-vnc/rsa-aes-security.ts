import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { type Cipher, uint16, uint32, type VncSecurity } from './vnc-peer';

export interface RsaAesOptions {
  readonly type: 5 | 6 | 129 | 130;
  /** The credentials that the server asks for. */
  readonly asks?: 'username and password' | 'password';
  /** Sends a hash of different keys, as a man in the middle would. */
  readonly liesAboutKeys?: boolean;
}

/** RealVNC's RSA-AES. */
export function rsaAesSecurity(options: RsaAesOptions): VncSecurity {
  const { type, asks = 'username and password', liesAboutKeys = false } = options;
  const isLarge = type > 128;
  const staysSecure = type === 5 || type === 129;
  const keyBytes = isLarge ? 32 : 16;
  const hash = (...parts: Buffer[]): Buffer =>
    createHash(isLarge ? 'sha256' : 'sha1')
      .update(Buffer.concat(parts))
      .digest();
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const exponent = Buffer.from(jwk.e ?? '', 'base64url');
  const serverKey = Buffer.concat([
    uint32(2048),
    Buffer.from(jwk.n ?? '', 'base64url'),
    Buffer.alloc(256 - exponent.length),
    exponent,
  ]);
  return {
    type,
    check: async (peer, user) => {
      peer.send(serverKey);
      const bits = await peer.take(4);
      const length = Math.ceil(bits.readUInt32BE() / 8);
      const [n, e] = [await peer.take(length), await peer.take(length)];
      const clientKey = Buffer.concat([bits, n, e]);
      await peer.take(2);
      const padded = privateDecrypt(
        { key: privateKey, padding: constants.RSA_NO_PADDING },
        await peer.take(256),
      );
      const clientRandom = padded.subarray(padded.indexOf(0, 2) + 1);
      const serverRandom = randomBytes(keyBytes);
      const key = createPublicKey({
        key: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') },
        format: 'jwk',
      });
      const padding = constants.RSA_PKCS1_PADDING;
      const encrypted = publicEncrypt({ key, padding }, serverRandom);
      peer.send(uint16(encrypted.length), encrypted);
      const incoming = new EaxCipher(hash(serverRandom, clientRandom).subarray(0, keyBytes));
      const outgoing = new EaxCipher(hash(clientRandom, serverRandom).subarray(0, keyBytes));
      const proof = hash(serverKey, clientKey);
      peer.send(outgoing.seal(liesAboutKeys ? hash(proof) : proof));
      const received = await peer.takeMessage(incoming);
      if (!received.equals(hash(clientKey, serverKey))) return false;
      peer.send(outgoing.seal(Buffer.of(asks === 'password' ? 2 : 1)));
      const credentials = await peer.takeMessage(incoming);
      const nameLength = credentials[0] ?? 0;
      const username = credentials.subarray(1, 1 + nameLength).toString();
      const password = credentials.subarray(2 + nameLength).toString();
      if (staysSecure) peer.secure(incoming, outgoing);
      return (asks === 'password' || username === user.username) && password === user.password;
    },
  };
}

const BLOCK = 16n * 8n;
const ALL_ONES = (1n << BLOCK) - 1n;

/**
 * AES-EAX with the message number as nonce, implemented with 128-bit integers, independently of
 * libs/vnc.
 */
export class EaxCipher implements Cipher {
  private messages = 0n;

  constructor(private readonly key: Buffer) {}

  seal(message: Buffer): Buffer {
    const header = Buffer.alloc(2);
    header.writeUInt16BE(message.length);
    const nonce = this.nextNonce();
    const text = this.crypt(nonce, message);
    return Buffer.concat([header, text, this.tag(nonce, header, text)]);
  }

  open(sealed: Buffer, length: number): Buffer {
    const header = Buffer.alloc(2);
    header.writeUInt16BE(length);
    const nonce = this.nextNonce();
    const text = sealed.subarray(0, length);
    if (!this.tag(nonce, header, text).equals(sealed.subarray(length))) {
      throw new Error('A message of the client failed authentication');
    }
    return this.crypt(nonce, text);
  }

  private nextNonce(): Buffer {
    const nonce = toBlock(this.messages).reverse();
    this.messages += 1n;
    return nonce;
  }

  private crypt(nonce: Buffer, text: Buffer): Buffer {
    const start = toBlock(this.sum(0, nonce));
    return createCipheriv(this.algorithm('ctr'), this.key, start).update(text);
  }

  private tag(nonce: Buffer, header: Buffer, text: Buffer): Buffer {
    return toBlock(this.sum(0, nonce) ^ this.sum(1, header) ^ this.sum(2, text));
  }

  /** CMAC (RFC 4493), block by block. */
  private sum(tweak: number, data: Buffer): bigint {
    const bytes = Buffer.concat([toBlock(BigInt(tweak)), data]);
    const zero = this.block(0n);
    const whole = double(zero);
    const lastLength = bytes.length % 16 || 16;
    const last = Buffer.concat([bytes.subarray(-lastLength), Buffer.alloc(16)]).subarray(0, 16);
    if (lastLength < 16) last[lastLength] = 0x80;
    let state = 0n;
    for (let at = 0; at < bytes.length - lastLength; at += 16) {
      state = this.block(state ^ fromBlock(bytes.subarray(at, at + 16)));
    }
    return this.block(state ^ fromBlock(last) ^ (lastLength === 16 ? whole : double(whole)));
  }

  private block(value: bigint): bigint {
    const aes = createCipheriv(this.algorithm('ecb'), this.key, null).setAutoPadding(false);
    return fromBlock(aes.update(toBlock(value)));
  }

  private algorithm(mode: string): string {
    return `aes-${this.key.length * 8}-${mode}`;
  }
}

function double(value: bigint): bigint {
  const carry = value >> (BLOCK - 1n);
  return ((value << 1n) & ALL_ONES) ^ (carry * 0x87n);
}

function toBlock(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex');
}

function fromBlock(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}
