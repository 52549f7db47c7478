import type { Writable } from 'node:stream';
import { read, type Handshake } from '@remote-access/vnc';
import type { PanelMachine } from './panel-machine';
import type { PixelCanvas, Rectangle } from './pixel-canvas';
import { PixelFormat } from './pixel-format';

/** Client message types (RFC 6143, section 7.5). */
const MESSAGES = {
  SET_PIXEL_FORMAT: 0,
  SET_ENCODINGS: 2,
  UPDATE_REQUEST: 3,
  KEY_EVENT: 4,
  POINTER_EVENT: 5,
  CUT_TEXT: 6,
} as const;

/** Limit for clipboard text, which is read and discarded. */
const MAX_CUT_TEXT_BYTES = 1024 * 1024;

/** One viewer of the panel, after the handshake. */
export class PanelSession {
  private format = PixelFormat.USUAL;
  private sent: Uint32Array | undefined;
  private wantsUpdate = false;
  private isDown = false;

  constructor(
    private readonly machine: PanelMachine,
    private readonly canvas: PixelCanvas,
    private readonly viewer: Writable,
    private readonly onPress: () => void,
  ) {}

  /** Reads messages until the viewer disconnects; throws for an invalid one. */
  *messages(): Handshake<never> {
    for (;;) {
      const [type] = yield* read(1, 'a message');
      yield* this.message(type);
    }
  }

  /**
   * Sends what has changed since the last update, if the viewer has requested one and has taken the
   * last one.
   */
  update(): void {
    if (!this.wantsUpdate || this.viewer.writableNeedDrain) return;
    const changed = this.changed();
    if (!changed) return;
    this.wantsUpdate = false;
    this.sent = this.canvas.pixels.slice();
    this.viewer.write(this.encoded(changed));
  }

  private *message(type: number | undefined): Handshake<void> {
    switch (type) {
      case MESSAGES.SET_PIXEL_FORMAT: {
        const format = new PixelFormat((yield* read(19, 'a pixel format')).slice(3));
        if (!format.isServed) throw new Error('Unsupported pixel format');
        this.format = format;
        this.sent = undefined;
        return;
      }
      case MESSAGES.SET_ENCODINGS: {
        const [, high = 0, low = 0] = yield* read(3, 'encodings');
        yield* read((high * 256 + low) * 4, 'encodings');
        return;
      }
      case MESSAGES.UPDATE_REQUEST: {
        const [incremental] = yield* read(9, 'an update request');
        if (incremental === 0) this.sent = undefined;
        this.wantsUpdate = true;
        this.update();
        return;
      }
      case MESSAGES.KEY_EVENT:
        yield* read(7, 'a key');
        return;
      case MESSAGES.POINTER_EVENT:
        this.pointer(yield* read(5, 'the pointer'));
        return;
      case MESSAGES.CUT_TEXT: {
        const length = Buffer.from(yield* read(7, 'a text')).readUInt32BE(3);
        if (length > MAX_CUT_TEXT_BYTES) throw new Error('The clipboard text is too long');
        yield* read(length, 'a text');
        return;
      }
      default:
        throw new Error(`Unknown message type ${type}`);
    }
  }

  private pointer([buttons = 0, xHigh = 0, xLow = 0, yHigh = 0, yLow = 0]: Uint8Array): void {
    const isDown = (buttons & 1) === 1;
    if (isDown === this.isDown) return;
    this.isDown = isDown;
    if (isDown) this.machine.press(xHigh * 256 + xLow, yHigh * 256 + yLow);
    else this.machine.release();
    this.onPress();
  }

  /** The rows from the first to the last pixel that differs from what the viewer has. */
  private changed(): Rectangle | undefined {
    const { width, height, pixels } = this.canvas;
    if (!this.sent) return { x: 0, y: 0, width, height };
    const { sent } = this;
    const first = pixels.findIndex((pixel, at) => pixel !== sent[at]);
    if (first < 0) return undefined;
    const last = pixels.findLastIndex((pixel, at) => pixel !== sent[at]);
    const y = Math.floor(first / width);
    return { x: 0, y, width, height: Math.floor(last / width) - y + 1 };
  }

  /** One raw rectangle (sections 7.6.1 and 7.7.1). */
  private encoded({ x, y, width, height }: Rectangle): Buffer {
    const { format, canvas } = this;
    const { bytesPerPixel } = format;
    const head = 16;
    const message = Buffer.alloc(head + width * height * bytesPerPixel);
    message.writeUInt16BE(1, 2);
    [x, y, width, height].forEach((value, index) => message.writeUInt16BE(value, 4 + 2 * index));
    const start = y * canvas.width;
    for (let index = 0; index < width * height; index += 1) {
      format.write(message, head + index * bytesPerPixel, canvas.pixels[start + index] ?? 0);
    }
    return message;
  }
}
