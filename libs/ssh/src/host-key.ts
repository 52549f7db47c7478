import { createHash } from 'node:crypto';
import { randomart } from './randomart';

/** A server's public key as it came over the wire (RFC 4253 6.6). */
export class HostKey {
  private constructor(
    readonly type: string,
    readonly blob: Buffer,
  ) {}

  /** @returns `undefined` when the blob does not begin with a key type. */
  static fromBlob(blob: Buffer): HostKey | undefined {
    if (blob.length < 4) return undefined;
    const typeLength = blob.readUInt32BE(0);
    if (typeLength === 0 || typeLength > MAX_TYPE_LENGTH) return undefined;
    if (blob.length <= 4 + typeLength) return undefined;
    const type = blob.toString('latin1', 4, 4 + typeLength);
    return PRINTABLE.test(type) ? new HostKey(type, blob) : undefined;
  }

  equals(other: HostKey): boolean {
    return this.blob.equals(other.blob);
  }

  /** `type base64`, as endpoints and OpenSSH's public key files hold it. */
  get line(): string {
    return `${this.type} ${this.blob.toString('base64')}`;
  }

  /** `SHA256:…`, base64 without padding, as ssh-keygen prints it. */
  get sha256(): string {
    return `SHA256:${this.digest.toString('base64').replace(/=+$/, '')}`;
  }

  /** `MD5:aa:bb:…`, as older clients print it. */
  get md5(): string {
    return `MD5:${createHash('md5')
      .update(this.blob)
      .digest('hex')
      .replace(/..(?=.)/g, '$&:')}`;
  }

  /** The picture that OpenSSH draws of it, lines joined by line ends. */
  get randomart(): string {
    return randomart(this, this.digest);
  }

  /** As OpenSSH prints it: `ED25519`, `ECDSA`, `RSA`, `DSA`. */
  get shortName(): string {
    return SHORT_NAMES[this.type] ?? (this.type.startsWith('ecdsa-') ? 'ECDSA' : 'KEY');
  }

  /** The size by which people speak of it; 0 for types that are not known. */
  get bits(): number {
    if (this.type === 'ssh-ed25519') return 256;
    const [, curveBits] = /^ecdsa-sha2-nistp(\d+)$/.exec(this.type) ?? [];
    if (curveBits !== undefined) return Number(curveBits);
    // RSA: e, n; DSA: p and three more.
    if (this.type === 'ssh-rsa') return bitsOfNumber(this.field(1));
    return this.type === 'ssh-dss' ? bitsOfNumber(this.field(0)) : 0;
  }

  private get digest(): Buffer {
    return createHash('sha256').update(this.blob).digest();
  }

  /** A field behind the type; empty where the blob is too short for it. */
  private field(index: number): Buffer {
    let at = 4 + this.type.length;
    for (let passed = 0; at + 4 <= this.blob.length; passed += 1) {
      const end = at + 4 + this.blob.readUInt32BE(at);
      if (passed === index) return this.blob.subarray(at + 4, end);
      at = end;
    }
    return Buffer.alloc(0);
  }
}

/** RFC 4250 4.6.1: names are at most 64 characters of printable US-ASCII. */
const MAX_TYPE_LENGTH = 64;
const PRINTABLE = /^[!-~]+$/;

const SHORT_NAMES: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ED25519',
  'ssh-rsa': 'RSA',
  'ssh-dss': 'DSA',
};

/** Of a positive number in network order, leading zeros aside. */
function bitsOfNumber(bytes: Buffer): number {
  const first = bytes.findIndex(byte => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first]!) + 24;
}
