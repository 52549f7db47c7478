import type { Duplex } from 'node:stream';

/** Lines before the identification: RFC 4253 4.2 allows them, nobody sends a page of them. */
const MAX_GREETING_BYTES = 64 * 1024;

/** An exchange of keys takes 5 KiB, a banner some more; ssh2 reads both without an end. */
const MAX_BYTES_BEFORE_SIGN_IN = 1024 * 1024;

/** Answers to a server that asks without end and never reads: more than any honest one leaves. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** Ends the connection of a server that sends or asks without end, whatever it is sending. */
export class ConnectionGuard {
  private received = 0;
  private isIdentified = false;
  private isSignedIn = false;

  /** @param onExcess gets a sentence for the user */
  constructor(
    private readonly socket: Duplex,
    private readonly onExcess: (what: string) => void,
  ) {
    socket.on('data', this.onData);
  }

  identified(): void {
    this.isIdentified = true;
  }

  /** From now on the channel's window bounds what comes. */
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
      return 'The SSH server asks without reading the answers.';
    }
    if (!this.isIdentified && this.received > MAX_GREETING_BYTES) {
      return 'The server greets without end.';
    }
    if (!this.isSignedIn && this.received > MAX_BYTES_BEFORE_SIGN_IN) {
      return 'The SSH server sends without end before anybody has signed in.';
    }
    return undefined;
  }
}
