import { invalidKey } from './key-errors';

/** Reads values in SSH's encoding (RFC 4251 5). */
export class WireReader {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    /** The subject of an error text: `private key`. */
    private readonly subject: string,
  ) {}

  get isDone(): boolean {
    return this.at === this.bytes.length;
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  uint64(): bigint {
    return this.take(8).readBigUInt64BE();
  }

  string(): Buffer {
    return this.take(this.uint32());
  }

  text(): string {
    return this.string().toString('utf8');
  }

  /** @returns `undefined` if the bytes end too early; nothing can be read afterwards */
  tryString(): Buffer | undefined {
    const left = this.bytes.length - this.at;
    const length = left < 4 ? Infinity : this.bytes.readUInt32BE(this.at);
    if (length <= left - 4) return this.string();
    this.at = this.bytes.length;
    return undefined;
  }

  rest(): Buffer {
    return this.take(this.bytes.length - this.at);
  }

  /** @throws RemoteAccessError `invalid-key` if bytes are left over */
  end(): void {
    if (!this.isDone)
      throw invalidKey(`The ${this.subject} is damaged: it has extra bytes at its end.`);
  }

  private take(length: number): Buffer {
    if (length > this.bytes.length - this.at) {
      throw invalidKey(`The ${this.subject} is cut off or damaged: bytes are missing.`);
    }
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }
}

/** Writes values in SSH's encoding (RFC 4251 5). */
export const sshWire = {
  uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  },

  string(content: Buffer | string): Buffer {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return Buffer.concat([sshWire.uint32(bytes.length), bytes]);
  },

  strings(contents: readonly (Buffer | string)[]): Buffer {
    return Buffer.concat(contents.map(sshWire.string));
  },

  /**
   * The content of a non-negative mpint: no redundant leading zeros, but one if the top bit is set.
   */
  positive(number: Buffer): Buffer {
    const first = number.findIndex(byte => byte !== 0);
    if (first === -1) return Buffer.alloc(0);
    const significant = number.subarray(first);
    return significant[0]! < 0x80 ? significant : Buffer.concat([Buffer.alloc(1), significant]);
  },
};

/** @param bytes big-endian, not negative */
export function toBigInt(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}

/** The number of bits without leading zeros. @param bytes big-endian, not negative */
export function bitLength(bytes: Buffer): number {
  const first = bytes.findIndex(byte => byte !== 0);
  if (first === -1) return 0;
  return (bytes.length - first) * 8 - (Math.clz32(bytes[first]!) - 24);
}
