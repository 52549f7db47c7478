import type { Cryptography } from './cryptography';

type Aes = Pick<Cryptography, 'aesEcb' | 'aesCbc' | 'aesCtr'>;

const BLOCK = 16;

/** What is doubled beyond 128 bits comes back as this (NIST SP 800-38B, section 5.3). */
const CARRY = 0x87;

/** What each of the three sums begins with. */
const TWEAKS = { nonce: 0, header: 1, message: 2 } as const;

/**
 * AES in EAX mode (Bellare, Rogaway, Wagner: "The EAX Mode of Operation", 2004): CTR, and a sum
 * (CMAC) of nonce, header and cipher text as the tag of 16 bytes.
 */
export class AesEax {
  private readonly lastKeys: readonly [whole: Uint8Array, filled: Uint8Array];

  constructor(
    private readonly key: Uint8Array,
    private readonly aes: Aes,
  ) {
    const whole = doubled(aes.aesEcb(key, new Uint8Array(BLOCK)));
    this.lastKeys = [whole, doubled(whole)];
  }

  /** @returns cipher text and tag */
  seal(nonce: Uint8Array, header: Uint8Array, message: Uint8Array): Uint8Array {
    const start = this.sum(TWEAKS.nonce, nonce);
    const text = this.aes.aesCtr(this.key, start, message);
    const sealed = new Uint8Array(text.length + BLOCK);
    sealed.set(text);
    sealed.set(this.tag(start, header, text), text.length);
    return sealed;
  }

  /** @returns `undefined` when it is not what was sealed */
  open(nonce: Uint8Array, header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const text = sealed.subarray(0, -BLOCK);
    const start = this.sum(TWEAKS.nonce, nonce);
    const expected = this.tag(start, header, text);
    let difference = sealed.length < BLOCK ? 1 : 0;
    sealed.subarray(-BLOCK).forEach((byte, at) => (difference |= byte ^ (expected[at] ?? 0)));
    return difference === 0 ? this.aes.aesCtr(this.key, start, text) : undefined;
  }

  private tag(start: Uint8Array, header: Uint8Array, text: Uint8Array): Uint8Array {
    const ofHeader = this.sum(TWEAKS.header, header);
    const ofText = this.sum(TWEAKS.message, text);
    return start.map((byte, at) => byte ^ (ofHeader[at] ?? 0) ^ (ofText[at] ?? 0));
  }

  /** CMAC of a block that holds the tweak, and the data. */
  private sum(tweak: number, data: Uint8Array): Uint8Array {
    const length = BLOCK + data.length;
    const isWhole = length % BLOCK === 0;
    const blocks = new Uint8Array(Math.ceil(length / BLOCK) * BLOCK);
    blocks[BLOCK - 1] = tweak;
    blocks.set(data, BLOCK);
    if (!isWhole) blocks[length] = 0x80;
    const lastKey = this.lastKeys[isWhole ? 0 : 1];
    const last = blocks.length - BLOCK;
    lastKey.forEach((byte, at) => (blocks[last + at] = (blocks[last + at] ?? 0) ^ byte));
    return this.aes.aesCbc(this.key, blocks).slice(-BLOCK);
  }
}

/** Times x in the field of 2^128 elements. */
function doubled(block: Uint8Array): Uint8Array {
  const shifted = block.map((byte, at) => (byte << 1) | ((block[at + 1] ?? 0) >> 7));
  const last = BLOCK - 1;
  if ((block[0] ?? 0) & 0x80) shifted[last] = (shifted[last] ?? 0) ^ CARRY;
  return shifted;
}
