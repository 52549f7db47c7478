import { refusedKey } from './refused-key';

/** Takes values off bytes as SSH writes them (RFC 4251 5). Throws where they end too early. */
export class WireReader {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    /** What is read, for the words of a refusal: `private key`. */
    private readonly what: string,
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

  /** Everything that is left. */
  rest(): Buffer {
    return this.take(this.bytes.length - this.at);
  }

  end(): void {
    if (!this.isDone) throw refusedKey(`The ${this.what} is damaged: it is longer than it says.`);
  }

  private take(length: number): Buffer {
    if (length > this.bytes.length - this.at) {
      throw refusedKey(`The ${this.what} is cut off or damaged: bytes are missing.`);
    }
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }
}
