import { createCipheriv } from 'node:crypto';
import type { Cipher } from './vnc-peer';

const BLOCK = 16n * 8n;
const ALL_ONES = (1n << BLOCK) - 1n;

/** AES-EAX with the number of the message as nonce, computed with numbers of 128 bits. */
export class EaxCipher implements Cipher {
  private messages = 0n;

  constructor(private readonly key: Buffer) {}

  seal(message: Buffer): Buffer {
    const header = Buffer.alloc(2);
    header.writeUInt16BE(message.length);
    const nonce = this.nextNonce();
    const text = this.counted(nonce, message);
    return Buffer.concat([header, text, this.tag(nonce, header, text)]);
  }

  open(sealed: Buffer, length: number): Buffer {
    const header = Buffer.alloc(2);
    header.writeUInt16BE(length);
    const nonce = this.nextNonce();
    const text = sealed.subarray(0, length);
    if (!this.tag(nonce, header, text).equals(sealed.subarray(length))) {
      throw new Error('The client sealed a message in another way');
    }
    return this.counted(nonce, text);
  }

  private nextNonce(): Buffer {
    const nonce = toBlock(this.messages).reverse();
    this.messages += 1n;
    return nonce;
  }

  private counted(nonce: Buffer, text: Buffer): Buffer {
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
