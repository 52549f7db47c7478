import { printable } from '@remote-access/contracts';
import { WireReader } from '@remote-access/ssh-keys';

/** An identification line has at most 255 bytes (RFC 4253 4.2); other lines may precede it. */
const GREETING_BYTES = 255;

const OTHER_SERVERS: readonly (readonly [RegExp, string])[] = [
  [/^RFB \d{3}\.\d{3}/, 'a VNC (RFB) server'],
  [/^HTTP\/\d/, 'a web (HTTP) server'],
  [/^[\u0015\u0016]\u0003/, 'a TLS server'],
  [/^\u00ff[\u00fa-\u00ff]/, 'a Telnet server'],
  [/^220[ -].*(ftp|FTP)/, 'an FTP server'],
  [/^220[ -]/, 'a mail or FTP server'],
];

/**
 * Reads what a server sends before its first packet: how it identifies itself, and its first bytes,
 * which tell what it is if it does not speak SSH.
 */
export class ServerGreeting {
  private kept: Buffer = Buffer.alloc(0);
  /** The beginning of the line being received; once `isSsh`, the identification. */
  private line: Buffer = Buffer.alloc(0);
  private isIdentified = false;

  add(chunk: Buffer): void {
    this.kept = extended(this.kept, chunk);
    for (let rest = chunk; rest.length > 0 && !this.isIdentified;) {
      const end = rest.indexOf('\n');
      this.line = extended(this.line, end < 0 ? rest : rest.subarray(0, end));
      if (end < 0) return;
      if (this.isSsh) this.isIdentified = true;
      else this.line = Buffer.alloc(0);
      rest = rest.subarray(end + 1);
    }
  }

  /** Whether a line beginning with `SSH-` has been received. */
  get isSsh(): boolean {
    return this.line.toString('latin1').startsWith('SSH-');
  }

  /** Software and comments of the identification (RFC 4253 4.2); empty if there is none. */
  get software(): string {
    return /^SSH-[^-\r]*-([^\r]*)/.exec(this.line.toString('latin1'))?.[1] ?? '';
  }

  /** Whether the first bytes are those of another known protocol. */
  get isOther(): boolean {
    return this.other !== undefined;
  }

  /** For a server that does not speak SSH, e.g. "This is a VNC (RFB) server, not an SSH server." */
  describe(): string {
    if (this.kept.length === 0) return 'It ended the connection without sending anything.';
    if (this.other) return `This is ${this.other}, not an SSH server.`;
    return `This is not an SSH server: it began with "${printable(this.kept.toString('utf8'))}".`;
  }

  private get other(): string | undefined {
    const text = this.kept.toString('latin1');
    return OTHER_SERVERS.find(([pattern]) => pattern.test(text))?.[1];
  }
}

/** `kept` with as much of what follows as an identification can have. */
function extended(kept: Buffer, chunk: Buffer): Buffer {
  if (kept.length >= GREETING_BYTES) return kept;
  return Buffer.concat([kept, chunk.subarray(0, GREETING_BYTES - kept.length)]);
}

/** RFC 4253 7.1. */
const SSH_MSG_KEXINIT = 20;
const COOKIE_BYTES = 16;

/**
 * The message takes a few KiB, and ssh2 accepts packets of at most 35,000 bytes; lines before the
 * identification are added to that.
 */
const MAX_OFFER_BYTES = 64 * 1024;

/** Names of algorithms, in the server's order of preference. */
export interface OfferedAlgorithms {
  readonly kex: readonly string[];
  readonly hostKey: readonly string[];
  readonly cipher: readonly string[];
  readonly mac: readonly string[];
}

/**
 * Reads the algorithms that a server offers from the unencrypted start of the connection. ssh2
 * reports only the result of the negotiation, or that it failed.
 */
export class ServerOffer {
  private kept = Buffer.alloc(0);
  private isDone = false;
  private offered: OfferedAlgorithms | undefined;

  /** `undefined` until the offer has been received, and if it cannot be parsed. */
  get algorithms(): OfferedAlgorithms | undefined {
    return this.offered;
  }

  add(chunk: Buffer): void {
    if (this.isDone) return;
    this.kept = Buffer.concat([this.kept, chunk]);
    const payload = firstPayload(this.kept);
    this.isDone = payload !== undefined || this.kept.length > MAX_OFFER_BYTES;
    if (payload) this.offered = readOffer(payload);
    if (this.isDone) this.kept = Buffer.alloc(0);
  }
}

/** The payload of the packet after the identification line (RFC 4253 4.2, 6). */
function firstPayload(bytes: Buffer): Buffer | undefined {
  const [identification] = /(?:^|\n)SSH-[^\n]*\n/.exec(bytes.toString('latin1')) ?? [];
  if (identification === undefined) return undefined;
  const start = bytes.indexOf(identification, 0, 'latin1') + identification.length;
  if (bytes.length < start + 5) return undefined;
  const length = bytes.readUInt32BE(start);
  const padding = bytes.readUInt8(start + 4);
  const end = start + 4 + length;
  if (length > MAX_OFFER_BYTES || padding >= length) return Buffer.alloc(0);
  return bytes.length < end ? undefined : bytes.subarray(start + 5, end - padding);
}

function readOffer(payload: Buffer): OfferedAlgorithms | undefined {
  if (payload[0] !== SSH_MSG_KEXINIT) return undefined;
  const reader = new WireReader(payload.subarray(1 + COOKIE_BYTES), 'offer');
  const list = (): string[] | undefined => reader.tryString()?.toString('latin1').split(',');
  const [kex, hostKey] = [list(), list()];
  // Ciphers and MACs have a list for each direction; servers offer the same in both.
  const [, cipher, , mac] = [list(), list(), list(), list()];
  return kex && hostKey && cipher && mac ? { kex, hostKey, cipher, mac } : undefined;
}
