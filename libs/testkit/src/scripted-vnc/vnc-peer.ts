import { once } from 'node:events';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The cipher of one direction. */
export interface Cipher {
  seal(message: Buffer): Buffer;
  open(sealed: Buffer, length: number): Buffer;
}

/** The connection of a client, from which an exact number of bytes can be read. */
export class VncPeer {
  private kept = Buffer.alloc(0);
  private waiting: { length: number; resolve: (bytes: Buffer) => void } | undefined;
  private ciphers: { in: Cipher; out: Cipher } | undefined;
  private opened = Buffer.alloc(0);

  private transport: Socket;

  constructor(readonly socket: Socket) {
    this.transport = socket;
    socket.on('data', this.onData);
  }

  /** Continues inside TLS without a certificate, as the server. */
  async startTls(): Promise<void> {
    this.socket.off('data', this.onData);
    // Bytes after the choice of TLS already belong to the client's first message.
    this.socket.pause();
    if (this.kept.length > 0) this.socket.unshift(this.kept);
    this.kept = Buffer.alloc(0);
    const tls = new TLSSocket(this.socket, {
      isServer: true,
      ciphers: 'ADH:AECDH:@SECLEVEL=0',
      dhparam: 'auto',
      maxVersion: 'TLSv1.2',
    });
    tls.on('error', () => this.socket.destroy());
    tls.on('data', this.onData);
    this.transport = tls;
    await once(tls, 'secure');
  }

  send(...parts: readonly (Buffer | string | number[])[]): void {
    const bytes = Buffer.concat(parts.map(part => Buffer.from(part as string)));
    this.transport.write(this.ciphers ? this.ciphers.out.seal(bytes) : bytes);
  }

  end(): void {
    this.transport.end();
  }

  /** Encrypts both directions from here on. */
  secure(incoming: Cipher, outgoing: Cipher): void {
    this.ciphers = { in: incoming, out: outgoing };
  }

  async take(length: number): Promise<Buffer> {
    if (!this.ciphers) return this.takeRaw(length);
    while (this.opened.length < length) {
      const message = await this.takeMessage(this.ciphers.in);
      this.opened = Buffer.concat([this.opened, message]);
    }
    const bytes = this.opened.subarray(0, length);
    this.opened = this.opened.subarray(length);
    return bytes;
  }

  /** Reads what has arrived, at least one byte. */
  async takeSome(): Promise<Buffer> {
    const first = await this.take(1);
    const rest = this.ciphers ? this.opened : this.kept;
    if (this.ciphers) this.opened = Buffer.alloc(0);
    else this.kept = Buffer.alloc(0);
    return Buffer.concat([first, rest]);
  }

  async takeMessage(cipher: Cipher): Promise<Buffer> {
    const length = (await this.takeRaw(2)).readUInt16BE();
    return cipher.open(await this.takeRaw(length + 16), length);
  }

  private readonly onData = (chunk: Buffer): void => {
    this.kept = Buffer.concat([this.kept, chunk]);
    this.serve();
  };

  private takeRaw(length: number): Promise<Buffer> {
    return new Promise(resolve => {
      this.waiting = { length, resolve };
      this.serve();
    });
  }

  private serve(): void {
    const { waiting } = this;
    if (!waiting || this.kept.length < waiting.length) return;
    this.waiting = undefined;
    const bytes = this.kept.subarray(0, waiting.length);
    this.kept = this.kept.subarray(waiting.length);
    waiting.resolve(bytes);
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** The user that may sign in. */
export interface VncUser {
  readonly username: string;
  readonly password: string;
}

/** The server's side of a security type. */
export interface VncSecurity {
  readonly type: number;
  check(peer: VncPeer, user: VncUser): Promise<boolean>;
  /** Tight's extension of ServerInit. */
  readonly initTrailer?: Buffer;
}
