import { CLOSE_CODES } from '@remote-access/contracts';
import { WebSocketDuplex } from '@remote-access/streams';
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

export interface DeviceSideOptions {
  /** The agent sent an unknown text frame or a malformed frame. */
  readonly onBrokenProtocol: () => void;
  readonly closeCode: () => number;
  /** The endpoint has sent its first byte. */
  readonly onFirstByte?: () => void;
}

/** The gateway's WebSocket as a byte stream. */
export class DeviceSide extends WebSocketDuplex {
  declare readonly socket: FramedConnection;

  constructor(socket: FramedConnection, options: DeviceSideOptions) {
    super(socket, {
      onText: text => {
        if (text.trim() === PYTHON_AGENT_END) this.push(null);
        else options.onBrokenProtocol();
      },
      maxMessageBytes: MAX_MESSAGE_TO_GATEWAY_BYTES,
      closeCode: () => ({ code: options.closeCode(), reason: '' }),
    });
    const lookForFirst = (): void => {
      if (this.bytesIn === 0) return;
      socket.off('message', lookForFirst);
      options.onFirstByte?.();
    };
    socket.on('message', lookForFirst);
    socket.on('error', () => options.onBrokenProtocol());
  }

  /** Whether the connection was lost rather than closed by the gateway. */
  get isLost(): boolean {
    return this.closedWith !== undefined && !ORDERLY_CLOSE_CODES.includes(this.closedWith);
  }
}
