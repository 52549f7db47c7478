import { BIG_ENDIAN } from '../handshake/big-endian';
import type { SealedMessages } from '../handshake/handshake';
import type { Cryptography } from './cryptography';

type Aes = Pick<Cryptography, 'aesEcb' | 'aesCbc' | 'aesCtr'>;

const BLOCK = 16;

/**
 * Up to this length a message is encrypted block by block with one long-lived cipher. Creating an
 * OpenSSL cipher for each message takes longer than the encryption and burdens the garbage
 * collector: a server that sends empty messages would stall all sessions.
 */
const SHORT_BYTES = 8 * BLOCK;

/** Length of the tag that follows each message. */
export const TAG_BYTES = BLOCK;

/** R128 of NIST SP 800-38B, section 5.3: added when doubling overflows 128 bits. */
const CARRY = 0x87;

/** Each of EAX's three CMACs starts with a block that ends with one of these. */
const TWEAKS = { nonce: 0, header: 1, message: 2 } as const;

type Tweak = (typeof TWEAKS)[keyof typeof TWEAKS];

/**
 * AES in EAX mode (Bellare, Rogaway, Wagner: "The EAX Mode of Operation", 2004): AES-CTR with a tag
 * of 16 bytes, made of the CMACs of nonce, header and ciphertext. OpenSSL does not offer it.
 */
export class AesEax {
  private readonly encrypt: (blocks: Uint8Array) => Uint8Array;
  private readonly subkeys: readonly [whole: Uint8Array, padded: Uint8Array];
  /** By tweak: the CMAC of no data, and the state after the first block. */
  private readonly ofNothing: readonly Uint8Array[];
  private readonly begun: readonly Uint8Array[];

  constructor(
    private readonly key: Uint8Array,
    private readonly aes: Aes,
  ) {
    this.encrypt = aes.aesEcb(key);
    const whole = doubled(this.encrypt(new Uint8Array(BLOCK)));
    this.subkeys = [whole, doubled(whole)];
    const blocks = Object.values(TWEAKS).map(firstBlock);
    this.begun = blocks.map(block => this.encrypt(block));
    this.ofNothing = blocks.map(block => this.encrypt(xor(block, whole)));
  }

  /** @returns ciphertext and tag */
  seal(nonce: Uint8Array, header: Uint8Array, message: Uint8Array): Uint8Array {
    const start = this.cmac(TWEAKS.nonce, nonce);
    const text = this.counted(start, message);
    const sealed = new Uint8Array(text.length + BLOCK);
    sealed.set(text);
    sealed.set(this.tag(start, header, text), text.length);
    return sealed;
  }

  /** @returns `undefined` if the tag does not match */
  open(nonce: Uint8Array, header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const text = sealed.subarray(0, -BLOCK);
    const start = this.cmac(TWEAKS.nonce, nonce);
    const expected = this.tag(start, header, text);
    let difference = sealed.length < BLOCK ? 1 : 0;
    sealed.subarray(-BLOCK).forEach((byte, at) => (difference |= byte ^ (expected[at] ?? 0)));
    return difference === 0 ? this.counted(start, text) : undefined;
  }

  private tag(start: Uint8Array, header: Uint8Array, text: Uint8Array): Uint8Array {
    const ofHeader = this.cmac(TWEAKS.header, header);
    const ofText = this.cmac(TWEAKS.message, text);
    return xor(xor(start, ofHeader), ofText);
  }

  /** AES-CTR encryption and decryption. */
  private counted(start: Uint8Array, data: Uint8Array): Uint8Array {
    if (data.length > SHORT_BYTES) return this.aes.aesCtr(this.key, start, data);
    if (data.length === 0) return data;
    const counters = new Uint8Array(Math.ceil(data.length / BLOCK) * BLOCK);
    const counter = Uint8Array.from(start);
    for (let at = 0; at < counters.length; at += BLOCK) {
      counters.set(counter, at);
      increment(counter);
    }
    return xor(data, this.encrypt(counters));
  }

  /** CMAC of a block that contains the tweak, followed by the data. */
  private cmac(tweak: Tweak, data: Uint8Array): Uint8Array {
    if (data.length === 0) return this.ofNothing[tweak]!;
    const isWhole = data.length % BLOCK === 0;
    const blocks = new Uint8Array(Math.ceil(data.length / BLOCK) * BLOCK);
    blocks.set(data);
    if (!isWhole) blocks[data.length] = 0x80;
    const last = blocks.length - BLOCK;
    const subkey = this.subkeys[isWhole ? 0 : 1];
    blocks.set(xor(blocks.subarray(last), subkey), last);
    let state = this.begun[tweak]!;
    if (data.length > SHORT_BYTES) {
      blocks.set(xor(blocks.subarray(0, BLOCK), state));
      return this.aes.aesCbc(this.key, blocks).slice(-BLOCK);
    }
    for (let at = 0; at < blocks.length; at += BLOCK) {
      state = this.encrypt(xor(blocks.subarray(at, at + BLOCK), state));
    }
    return state;
  }
}

function firstBlock(tweak: Tweak): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block[BLOCK - 1] = tweak;
  return block;
}

/** @returns as many bytes as the first argument has */
function xor(bytes: Uint8Array, others: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < out.length; at += 1) out[at] = bytes[at]! ^ others[at]!;
  return out;
}

/** Big-endian increment, as CTR requires. */
function increment(counter: Uint8Array): void {
  for (let at = BLOCK - 1; at >= 0; at -= 1) {
    counter[at] = (counter[at]! + 1) & 0xff;
    if (counter[at] !== 0) return;
  }
}

/** Multiplies by x in GF(2^128). */
function doubled(block: Uint8Array): Uint8Array {
  const shifted = block.map((byte, at) => (byte << 1) | ((block[at + 1] ?? 0) >> 7));
  const last = BLOCK - 1;
  if ((block[0] ?? 0) & 0x80) shifted[last] = (shifted[last] ?? 0) ^ CARRY;
  return shifted;
}

const COUNTER_BYTES = 16;

/**
 * The messages of one direction of RSA-AES: AES-EAX with a message counter as nonce and the
 * message's length as header.
 */
export class MessageCipher implements SealedMessages {
  private readonly cipher: AesEax;
  private readonly counter = new Uint8Array(COUNTER_BYTES);

  constructor(key: Uint8Array, cryptography: Cryptography) {
    this.cipher = new AesEax(key, cryptography);
  }

  seal(message: Uint8Array): Uint8Array {
    const header = BIG_ENDIAN.uint16(message.length);
    const sealed = this.cipher.seal(this.counter, header, message);
    this.count();
    const whole = new Uint8Array(header.length + sealed.length);
    whole.set(header);
    whole.set(sealed, header.length);
    return whole;
  }

  open(length: number, sealed: Uint8Array): Uint8Array | undefined {
    const message = this.cipher.open(this.counter, BIG_ENDIAN.uint16(length), sealed);
    this.count();
    return message;
  }

  /** Increments the counter, which is little-endian. */
  private count(): void {
    for (let at = 0; at < COUNTER_BYTES; at += 1) {
      this.counter[at] = ((this.counter[at] ?? 0) + 1) & 0xff;
      if (this.counter[at] !== 0) return;
    }
  }
}
