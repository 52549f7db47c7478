import { printable } from '@remote-access/contracts';

/** An identification line is at most 255 bytes (RFC 4253 4.2); banners may come before it. */
const KEPT_BYTES = 255;

const OTHER_SERVERS: readonly (readonly [RegExp, string])[] = [
  [/^RFB \d{3}\.\d{3}/, 'a VNC (RFB) server'],
  [/^HTTP\/\d/, 'a web (HTTP) server'],
  [/^[\u0015\u0016]\u0003/, 'a TLS server'],
  [/^\u00ff[\u00fa-\u00ff]/, 'a Telnet server'],
  [/^220[ -].*(ftp|FTP)/, 'an FTP server'],
  [/^220[ -]/, 'a mail or FTP server'],
];

/** Keeps the first bytes a server sent, to say what it is when it is no SSH server. */
export class ServerGreeting {
  private kept = Buffer.alloc(0);

  add(chunk: Buffer): void {
    if (this.kept.length >= KEPT_BYTES) return;
    this.kept = Buffer.concat([this.kept, chunk.subarray(0, KEPT_BYTES - this.kept.length)]);
  }

  /** Whether a line that begins with `SSH-` came. */
  get isSsh(): boolean {
    return /(^|\n)SSH-/.test(this.text);
  }

  /** Whether it is known by its first bytes to be a server of another kind. */
  get isOther(): boolean {
    return this.other !== undefined;
  }

  /** What a server is that is none of SSH, e.g. "This is a VNC (RFB) server, not an SSH server." */
  describe(): string {
    if (this.kept.length === 0) return 'It ended the connection without sending anything.';
    if (this.other) return `This is ${this.other}, not an SSH server.`;
    return `This is no SSH server: it began with "${printable(this.kept.toString('utf8'))}".`;
  }

  private get other(): string | undefined {
    return OTHER_SERVERS.find(([pattern]) => pattern.test(this.text))?.[1];
  }

  private get text(): string {
    return this.kept.toString('latin1');
  }
}
