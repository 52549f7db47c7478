import { RemoteAccessError } from '@remote-access/contracts';
import { BIG_ENDIAN } from '../handshake/big-endian';

/** The length of one type of client message, and whether it is forwarded to the server. */
interface MessageForm {
  readonly passes: boolean;
  /** Number of bytes, including the message type, that determine the length. */
  readonly headBytes: number;
  /** Number of bytes after the head; `undefined` if the head is unknown. */
  readonly bodyBytes: (head: Uint8Array) => number | undefined;
}

const PASSED = { passes: true } as const;
const DROPPED = { passes: false } as const;

function fixed(bytes: number): Omit<MessageForm, 'passes'> {
  return { headBytes: 1, bodyBytes: () => bytes - 1 };
}

const SET_ENCODINGS = 2;
const SET_ENCODINGS_HEAD_BYTES = 4;
const ENCODING_BYTES = 4;

/** UltraVNC: lengths from this value on open, close or finish the chat and carry no text. */
const TEXT_CHAT_COMMANDS = 0xff_ff_ff_fd;

const GII_BIG_ENDIAN = 0x80;

const MAX_HEAD_BYTES = 9;

/**
 * The client messages of RFC 6143, section 7.5, those of the community's rfbproto, and those of
 * UltraVNC whose length LibVNCServer agrees on.
 */
const MESSAGES = new Map<number, MessageForm>([
  // SetPixelFormat
  [0, { ...PASSED, ...fixed(20) }],
  // FixColourMapEntries, of RFB 3.3
  [1, { ...DROPPED, headBytes: 6, bodyBytes: head => 6 * BIG_ENDIAN.readUint16(head, 4) }],
  // The body, a list of encodings, is parsed entry by entry.
  [SET_ENCODINGS, { ...PASSED, headBytes: SET_ENCODINGS_HEAD_BYTES, bodyBytes: () => 0 }],
  // FramebufferUpdateRequest
  [3, { ...PASSED, ...fixed(10) }],
  // KeyEvent
  [4, { ...DROPPED, ...fixed(8) }],
  // PointerEvent
  [5, { ...DROPPED, ...fixed(6) }],
  // ClientCutText. A negative length announces an extended clipboard message.
  [
    6,
    { ...DROPPED, headBytes: 8, bodyBytes: head => Math.abs(BIG_ENDIAN.readUint32(head, 4) | 0) },
  ],
  // UltraVNC: SetScale, SetServerInput, SetSW, TextChat
  [8, { ...DROPPED, ...fixed(4) }],
  [9, { ...DROPPED, ...fixed(4) }],
  [10, { ...DROPPED, ...fixed(6) }],
  [11, { ...DROPPED, headBytes: 8, bodyBytes: textChatBytes }],
  // SetScaleFactor, of PalmVNC
  [15, { ...DROPPED, ...fixed(4) }],
  // EnableContinuousUpdates
  [150, { ...PASSED, ...fixed(10) }],
  // ClientFence
  [248, { ...PASSED, headBytes: 9, bodyBytes: head => head[8] }],
  // xvp: shut down, reboot, reset
  [250, { ...DROPPED, ...fixed(4) }],
  // SetDesktopSize
  [251, { ...DROPPED, headBytes: 8, bodyBytes: head => 16 * (head[6] ?? 0) }],
  // gii: input devices
  [253, { ...DROPPED, headBytes: 4, bodyBytes: giiBytes }],
  // QEMU: extended key events and audio
  [255, { ...DROPPED, headBytes: 4, bodyBytes: qemuBytes }],
]);

function textChatBytes(head: Uint8Array): number {
  const length = BIG_ENDIAN.readUint32(head, 4);
  return length < TEXT_CHAT_COMMANDS ? length : 0;
}

/** The client chooses the byte order. */
function giiBytes([, kind = 0, first = 0, second = 0]: Uint8Array): number {
  return (kind & GII_BIG_ENDIAN) === 0 ? first | (second << 8) : (first << 8) | second;
}

function qemuBytes([, submessage, high, operation]: Uint8Array): number | undefined {
  const [extendedKeyEvent, audio] = [0, 1];
  if (submessage === extendedKeyEvent) return 8;
  if (submessage !== audio || high !== 0) return undefined;
  const [enable, disable, setFormat] = [0, 1, 2];
  if (operation === enable || operation === disable) return 0;
  return operation === setFormat ? 6 : undefined;
}

/** An entry of SetEncodings. */
const ENCODING: MessageForm = { ...PASSED, headBytes: ENCODING_BYTES, bodyBytes: () => 0 };

/**
 * If the server supports this pseudo-encoding, some pointer events are a byte longer. Only messages
 * from the server would reveal it, so the encoding is removed from the client's list.
 */
const EXTENDED_MOUSE_BUTTONS = BIG_ENDIAN.uint32(-316);

/** Unregistered, so it can replace an encoding without any effect. */
const NO_ENCODING = BIG_ENDIAN.uint32(0x7f_ff_ff_ff);

/**
 * Parses what a client sends after ClientInit and keeps only messages that affect nothing but the
 * client's own picture. Whatever the client sends, the result is a sequence of such messages. Of an
 * incomplete message only its head is held.
 */
export class ViewOnlyFilter {
  private readonly head = new Uint8Array(MAX_HEAD_BYTES);
  private headBytes = 0;
  private form: MessageForm = ENCODING;
  private bodyLeft = 0;
  private encodingsLeft = 0;

  /**
   * @returns the bytes for the server
   * @throws RemoteAccessError `view-only` at a message whose length is unknown
   */
  take(bytes: Uint8Array): Buffer {
    // The held bytes and the new ones are the most that can pass.
    const passed = Buffer.allocUnsafe(this.headBytes + bytes.length);
    let length = 0;
    const pass = (part: Uint8Array): void => {
      passed.set(part, length);
      length += part.length;
    };
    for (let at = 0; at < bytes.length;) {
      if (this.bodyLeft > 0) {
        const part = bytes.subarray(at, at + this.bodyLeft);
        if (this.form.passes) pass(part);
        this.bodyLeft -= part.length;
        at += part.length;
      } else {
        this.head[this.headBytes] = bytes[at]!;
        this.headBytes += 1;
        at += 1;
        const head = this.completeHead();
        if (head && this.form.passes) pass(head);
      }
    }
    return passed.subarray(0, length);
  }

  /** @returns `undefined` until the head is complete */
  private completeHead(): Uint8Array | undefined {
    if (this.headBytes === 1) this.form = this.nextForm();
    if (this.headBytes < this.form.headBytes) return undefined;
    const head = this.head.subarray(0, this.headBytes);
    this.headBytes = 0;
    const bodyBytes = this.form.bodyBytes(head);
    if (bodyBytes === undefined) throw unknownMessage(`${head[0]} (${head[1]})`);
    this.bodyLeft = bodyBytes;
    if (this.form === ENCODING) {
      this.encodingsLeft -= 1;
      return head.every((byte, at) => byte === EXTENDED_MOUSE_BUTTONS[at]) ? NO_ENCODING : head;
    }
    if (head[0] === SET_ENCODINGS) this.encodingsLeft = BIG_ENDIAN.readUint16(head, 2);
    return head;
  }

  private nextForm(): MessageForm {
    if (this.encodingsLeft > 0) return ENCODING;
    const [type = 0] = this.head;
    const form = MESSAGES.get(type);
    if (!form) throw unknownMessage(String(type));
    return form;
  }
}

function unknownMessage(type: string): RemoteAccessError {
  return new RemoteAccessError('view-only', {
    detail: `The endpoint is view-only, and the viewer sent a message of unknown type ${type}.`,
  });
}
