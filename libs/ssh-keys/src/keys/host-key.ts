import { LIMITS, RemoteAccessError } from '@remote-access/contracts';
import { bitLength, WireReader } from '../wire/ssh-wire';
import { md5Fingerprint, randomart, sha256Fingerprint } from './fingerprint';
import { keyTypeNamed } from './key-type';

/** The known_hosts marker before a key that must not be trusted. */
export const REVOKED = '@revoked';

/** Of one server, and as many revoked ones, so that neither kind takes the other's room. */
export const MAX_HOST_KEYS = 16;

/** RFC 4250 4.6.1: names are at most 64 characters of printable US-ASCII. */
const TYPE_NAME = /^[!-~]{1,64}$/;

/**
 * A server's public key as received on the wire (RFC 4253 6.6). Any type is accepted, including
 * types that this product does not otherwise support: the key is compared and shown, but not used
 * in computations.
 */
export class HostKey {
  private constructor(
    readonly type: string,
    readonly blob: Buffer,
  ) {}

  /** @returns `undefined` if the blob does not begin with a key type */
  static fromBlob(blob: Buffer): HostKey | undefined {
    const reader = new WireReader(blob, 'host key');
    const type = reader.tryString()?.toString('latin1') ?? '';
    return TYPE_NAME.test(type) && !reader.isDone ? new HostKey(type, blob) : undefined;
  }

  equals(other: HostKey): boolean {
    return this.blob.equals(other.blob);
  }

  /** `type base64`, as in endpoints and in OpenSSH's public key files. */
  get line(): string {
    return `${this.type} ${this.blob.toString('base64')}`;
  }

  get sha256(): string {
    return sha256Fingerprint(this.blob);
  }

  get md5(): string {
    return md5Fingerprint(this.blob);
  }

  get randomart(): string {
    return randomart(`${this.shortName} ${this.bits}`, this.blob);
  }

  /** OpenSSH's name for the type: `ED25519`, `ECDSA`, `RSA`, `DSA`. */
  get shortName(): string {
    return keyTypeNamed(this.type)?.algorithm ?? (this.type.startsWith('ecdsa-') ? 'ECDSA' : 'KEY');
  }

  /** The size usually quoted for the key; 0 for unknown types and truncated keys. */
  get bits(): number {
    const type = keyTypeNamed(this.type);
    switch (type?.algorithm) {
      case undefined:
        return 0;
      case 'ED25519':
        return 256;
      case 'ECDSA':
        return type.curve.bits;
      case 'RSA':
        return bitLength(this.field(1)); // e, n
      case 'DSA':
        return bitLength(this.field(0)); // p, q, g, y
      default:
        return type satisfies never;
    }
  }

  /** A field after the type; empty if the blob is too short. */
  private field(index: number): Buffer {
    const reader = new WireReader(this.blob, 'host key');
    for (let skipped = -1; skipped < index; skipped += 1) reader.tryString();
    return reader.tryString() ?? Buffer.alloc(0);
  }
}

/** The keys that a server is expected to have. */
export class PinnedHostKeys {
  private constructor(
    private readonly keys: readonly HostKey[],
    /** Never accepted, even if nothing is pinned. */
    readonly revoked: readonly HostKey[] = [],
  ) {}

  /**
   * Reads the host keys stored with an endpoint: lines `type base64 [comment]`, as in OpenSSH's
   * public key files; lines of revoked keys begin with `@revoked`.
   * @throws RemoteAccessError `credentials-unusable` for text that is not a key: an unreadable pin
   *   must not open the session as if none were stored
   */
  static parse(text: string | null | undefined): PinnedHostKeys {
    if (text === null || text === undefined || text === '') return new PinnedHostKeys([]);
    if (text.length > LIMITS.key) throw unreadable();
    const lines = text.split(/\r?\n/).filter(line => line.trim() !== '');
    if (lines.length === 0) throw unreadable();
    const isRevoked = (line: string): boolean => line.trim().startsWith(`${REVOKED} `);
    const revoked = lines
      .filter(isRevoked)
      .map(line => parseLine(line.trim().slice(REVOKED.length)));
    return new PinnedHostKeys(lines.filter(line => !isRevoked(line)).map(parseLine), revoked);
  }

  isRevoked(key: HostKey): boolean {
    return this.revoked.some(one => one.equals(key));
  }

  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  get all(): readonly HostKey[] {
    return this.keys;
  }

  get types(): readonly string[] {
    return this.keys.map(({ type }) => type);
  }

  has(key: HostKey): boolean {
    return this.keys.some(pinned => pinned.equals(key)) && !this.isRevoked(key);
  }
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function parseLine(line: string): HostKey {
  const [type, base64] = line.trim().split(/[ \t]+/);
  if (!base64 || !BASE64.test(base64)) throw unreadable();
  const key = HostKey.fromBlob(Buffer.from(base64, 'base64'));
  if (!key || key.type !== type) throw unreadable();
  return key;
}

function unreadable(): RemoteAccessError {
  return new RemoteAccessError('credentials-unusable', {
    detail:
      'The host key stored with this endpoint cannot be read, so the server cannot be verified. ' +
      'Nothing was sent to it. Enter the host key again or remove it.',
  });
}
