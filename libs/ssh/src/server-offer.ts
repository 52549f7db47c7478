/** RFC 4253 7.1. */
const KEXINIT = 20;
const COOKIE_BYTES = 16;

/**
 * The message is a few KiB; ssh2 takes packets of 35 000 bytes at most. Lines before the
 * identification come on top.
 */
const MAX_KEPT_BYTES = 64 * 1024;

/** Names of algorithms, in the server's order. */
export interface OfferedAlgorithms {
  readonly kex: readonly string[];
  readonly hostKey: readonly string[];
  readonly cipher: readonly string[];
  readonly mac: readonly string[];
}

/**
 * Reads what a server offers out of the first bytes that it sends, which are not encrypted: ssh2
 * tells only what was agreed on, or that nothing was.
 */
export class ServerOffer {
  private kept = Buffer.alloc(0);
  private isDone = false;
  private offered: OfferedAlgorithms | undefined;

  /** `undefined` until it has come, and for what is no offer. */
  get algorithms(): OfferedAlgorithms | undefined {
    return this.offered;
  }

  add(chunk: Buffer): void {
    if (this.isDone) return;
    this.kept = Buffer.concat([this.kept, chunk]);
    const packet = firstPacket(this.kept);
    this.isDone = packet !== undefined || this.kept.length > MAX_KEPT_BYTES;
    if (packet) this.offered = readOffer(packet);
    if (this.isDone) this.kept = Buffer.alloc(0);
  }
}

/** The payload of the packet behind the identification line (RFC 4253 4.2, 6). */
function firstPacket(bytes: Buffer): Buffer | undefined {
  const [identification] = /(?:^|\n)SSH-[^\n]*\n/.exec(bytes.toString('latin1')) ?? [];
  if (identification === undefined) return undefined;
  const start = bytes.indexOf(identification, 0, 'latin1') + identification.length;
  if (bytes.length < start + 5) return undefined;
  const length = bytes.readUInt32BE(start);
  const padding = bytes.readUInt8(start + 4);
  const end = start + 4 + length;
  if (length > MAX_KEPT_BYTES || padding >= length) return Buffer.alloc(0);
  return bytes.length < end ? undefined : bytes.subarray(start + 5, end - padding);
}

function readOffer(payload: Buffer): OfferedAlgorithms | undefined {
  if (payload[0] !== KEXINIT) return undefined;
  const lists: string[][] = [];
  for (let at = 1 + COOKIE_BYTES; lists.length < 6;) {
    if (at + 4 > payload.length) return undefined;
    const end = at + 4 + payload.readUInt32BE(at);
    if (end > payload.length) return undefined;
    lists.push(payload.toString('latin1', at + 4, end).split(','));
    at = end;
  }
  // Of ciphers and MACs there is a list for each direction; servers have the same in both.
  const [kex, hostKey, , cipher, , mac] = lists;
  return { kex: kex!, hostKey: hostKey!, cipher: cipher!, mac: mac! };
}
