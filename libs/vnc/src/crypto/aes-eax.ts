import { BIG_ENDIAN } from '../handshake/big-endian';
import type { SealedMessages } from '../handshake/handshake';
import type { Cryptography } from './cryptography';

type Aes = Pick<Cryptography, 'aesEcb' | 'aesCbc' | 'aesCtr'>;

const BLOCK = 16;

/** Length of the tag behind each message. */
export const TAG_BYTES = BLOCK;

/** R128 of NIST SP 800-38B, section 5.3: added when doubling overflows 128 bits. */
const CARRY = 0x87;

/** The first block of each of EAX's three CMACs ends with one of these. */
const TWEAKS = { nonce: 0, header: 1, message: 2 } as const;

/**
 * AES in EAX mode (Bellare, Rogaway, Wagner: "The EAX Mode of Operation", 2004): AES-CTR with a tag
 * of 16 bytes, made of the CMACs of nonce, header and ciphertext. OpenSSL does not offer it.
 */
export class AesEax {
  private readonly subkeys: readonly [whole: Uint8Array, padded: Uint8Array];

  constructor(
    private readonly key: Uint8Array,
    private readonly aes: Aes,
  ) {
    const whole = doubled(aes.aesEcb(key, new Uint8Array(BLOCK)));
    this.subkeys = [whole, doubled(whole)];
  }

  /** @returns ciphertext and tag */
  seal(nonce: Uint8Array, header: Uint8Array, message: Uint8Array): Uint8Array {
    const start = this.cmac(TWEAKS.nonce, nonce);
    const text = this.aes.aesCtr(this.key, start, message);
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
    return difference === 0 ? this.aes.aesCtr(this.key, start, text) : undefined;
  }

  private tag(start: Uint8Array, header: Uint8Array, text: Uint8Array): Uint8Array {
    const ofHeader = this.cmac(TWEAKS.header, header);
    const ofText = this.cmac(TWEAKS.message, text);
    return start.map((byte, at) => byte ^ (ofHeader[at] ?? 0) ^ (ofText[at] ?? 0));
  }

  /** CMAC of a block that holds the tweak, followed by the data. */
  private cmac(tweak: number, data: Uint8Array): Uint8Array {
    const length = BLOCK + data.length;
    const isWhole = length % BLOCK === 0;
    const blocks = new Uint8Array(Math.ceil(length / BLOCK) * BLOCK);
    blocks[BLOCK - 1] = tweak;
    blocks.set(data, BLOCK);
    if (!isWhole) blocks[length] = 0x80;
    const subkey = this.subkeys[isWhole ? 0 : 1];
    const last = blocks.length - BLOCK;
    subkey.forEach((byte, at) => (blocks[last + at] = (blocks[last + at] ?? 0) ^ byte));
    return this.aes.aesCbc(this.key, blocks).slice(-BLOCK);
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

  /** The counter is little-endian. */
  private count(): void {
    for (let at = 0; at < COUNTER_BYTES; at += 1) {
      this.counter[at] = ((this.counter[at] ?? 0) + 1) & 0xff;
      if (this.counter[at] !== 0) return;
    }
  }
}
