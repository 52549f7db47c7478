import { CLOSE_CODES } from '@remote-access/contracts';
import { WebSocketDuplex, type WebSocketDuplexOptions } from '@remote-access/streams';
import { type FramedConnection } from '@remote-access/relay';

/**
 * Cumulocity's Python agents send this when the TCP connection has ended, and wait for us to close.
 */
const PYTHON_AGENT_END = '## Shutdown ##';

/** Close codes of an agent that closed intentionally; 1005 is a close frame without a code. */
const ORDERLY_CLOSE_CODES: readonly number[] = [CLOSE_CODES.normal, CLOSE_CODES.goingAway, 1005];

/**
 * cumulocity-agents-linux loses bytes of longer messages; it misreads lengths of 32 KiB and more.
 */
const MAX_MESSAGE_TO_GATEWAY_BYTES = 16 * 1024;

export interface DeviceSideOwner {
  /** The agent sent an unknown text frame or a malformed frame. */
  onBrokenProtocol(): void;
  closeCode(): number;
  /** The endpoint has sent its first byte. */
  onFirstByte(): void;
  /** The connection has closed; see {@link DeviceSide.isLost}. */
  onClosed(side: DeviceSide): void;
}

/** Shared by all gateways' connections. */
const OPTIONS: WebSocketDuplexOptions = {
  onText: (text, side) => (side as DeviceSide).textReceived(text),
  maxMessageBytes: MAX_MESSAGE_TO_GATEWAY_BYTES,
  closeCode: side => ({ code: (side as DeviceSide).closeCode(), reason: '' }),
};

/** The gateway's WebSocket as a byte stream. */
export class DeviceSide extends WebSocketDuplex {
  declare readonly socket: FramedConnection;

  private hasAnswered = false;

  constructor(
    socket: FramedConnection,
    private readonly owner: DeviceSideOwner,
  ) {
    super(socket, OPTIONS);
    this.on('error', ignoreBrokenSide);
  }

  /** Whether the connection was lost rather than closed by the gateway. */
  get isLost(): boolean {
    return this.closedWith !== undefined && !ORDERLY_CLOSE_CODES.includes(this.closedWith);
  }

  /** Called by the stream, like the methods that follow. */
  textReceived(text: string): void {
    if (text.trim() === PYTHON_AGENT_END) this.push(null);
    else this.owner.onBrokenProtocol();
  }

  closeCode(): number {
    return this.owner.closeCode();
  }

  override messageReceived(data: Buffer, isBinary: boolean): void {
    super.messageReceived(data, isBinary);
    if (this.hasAnswered || this.bytesIn === 0) return;
    this.hasAnswered = true;
    this.owner.onFirstByte();
  }

  override socketFailed(cause: Error): void {
    super.socketFailed(cause);
    this.owner.onBrokenProtocol();
  }

  override socketClosed(code: number): void {
    super.socketClosed(code);
    this.owner.onClosed(this);
  }
}

function ignoreBrokenSide(): void {
  // The owner acts on the close that follows.
}
