import { READ_QUOTA_BYTES } from '@remote-access/streams';
import type { Duplex } from 'node:stream';

/** Servers may send lines before the identification (RFC 4253 4.2), but not pages of them. */
const MAX_GREETING_BYTES = 64 * 1024;

/** A key exchange takes 5 KiB and a banner a little more; ssh2 reads both without a limit. */
const MAX_BYTES_BEFORE_SIGN_IN = 1024 * 1024;

/**
 * Limit of the answers queued for a server that keeps asking and never reads; no honest server
 * reaches it.
 */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** Ends the connection to a server that sends or asks endlessly. */
export class ConnectionGuard {
  private received = 0;
  private isIdentified = false;
  private isSignedIn = false;

  /** @param onExcess receives a sentence for the user */
  constructor(
    private readonly socket: Duplex,
    private readonly onExcess: (reason: string) => void,
  ) {
    socket.on('data', this.onData);
  }

  identified(): void {
    this.isIdentified = true;
  }

  /** From now on the channel's window limits what the server can send. */
  signedIn(): void {
    this.isSignedIn = true;
  }

  private readonly onData = (chunk: Buffer): void => {
    this.received += chunk.length;
    const excess = this.excess();
    if (!excess) return;
    this.socket.off('data', this.onData);
    this.onExcess(excess);
    this.socket.destroy();
  };

  private excess(): string | undefined {
    if (this.socket.writableLength > MAX_UNSENT_BYTES) {
      return 'The SSH server keeps asking without reading the answers.';
    }
    if (!this.isIdentified && this.received > MAX_GREETING_BYTES) {
      return "The server's greeting is too long.";
    }
    if (!this.isSignedIn && this.received > MAX_BYTES_BEFORE_SIGN_IN) {
      return 'The SSH server sends too much data before the sign-in.';
    }
    return undefined;
  }
}

/**
 * Limits a stream in flowing mode to a quota per turn of the event loop: decrypting everything
 * that libuv reads at once would delay the keystrokes of all other sessions.
 */
export function limitReading(stream: Duplex, quotaBytes = READ_QUOTA_BYTES): void {
  let readThisTurn = 0;
  let nextTurn: NodeJS.Immediate | undefined;
  stream.on('data', (chunk: Buffer) => {
    readThisTurn += chunk.length;
    if (readThisTurn >= quotaBytes) stream.pause();
    nextTurn ??= setImmediate(() => {
      nextTurn = undefined;
      readThisTurn = 0;
      stream.resume();
    });
  });
}
