import { createHash } from 'node:crypto';

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

  /** `SHA256:…`, base64 without padding, as ssh-keygen prints it. */
  get sha256(): string {
    return `SHA256:${createHash('sha256').update(this.blob).digest('base64').replace(/=+$/, '')}`;
  }

  /** `MD5:aa:bb:…`, as older clients print it. */
  get md5(): string {
    return `MD5:${createHash('md5')
      .update(this.blob)
      .digest('hex')
      .replace(/..(?=.)/g, '$&:')}`;
  }
}

/** RFC 4250 4.6.1: names are at most 64 characters of printable US-ASCII. */
const MAX_TYPE_LENGTH = 64;
const PRINTABLE = /^[!-~]+$/;
