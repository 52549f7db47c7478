import type RFB from '@novnc/novnc';
import { isLeaveShortcut } from '../ui/page-shortcuts';

/**
 * The largest canvas that browsers can draw, which is also enough for video walls. Without this
 * limit, a hostile server could announce 65535 × 65535 pixels to exhaust the memory of the tab.
 */
const MAX_SIDE = 16_384;
const MAX_PIXELS = 64 * 1024 * 1024;

/**
 * Connects noVNC to the session through an object with the members of a WebSocket. noVNC can
 * neither open nor close the session through it; only the page does.
 */
export class RfbChannel {
  binaryType = 'arraybuffer';
  readonly protocol = '';
  readyState: 'open' | 'closed' = 'open';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: object) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;

  constructor(private readonly sendBytes: (bytes: Uint8Array<ArrayBuffer>) => void) {}

  receive(bytes: Uint8Array<ArrayBuffer>): void {
    const isWholeBuffer = bytes.byteLength === bytes.buffer.byteLength;
    this.onmessage?.({ data: isWholeBuffer ? bytes.buffer : bytes.slice().buffer });
  }

  /** Copies the bytes, because noVNC passes a view of its send queue and reuses it at once. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.readyState === 'open') this.sendBytes(bytes.slice());
  }

  close(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    // In a separate task, like a WebSocket: noVNC starts waiting for the event after calling
    // close(). Zone.js may run microtasks earlier, when noVNC removes the focused canvas.
    setTimeout(() => this.onclose?.({}));
  }
}

/** Members of noVNC 1.7.0 that are private and have no public equivalent. A test pins the version. */
interface Internals {
  readonly _keyboard: { _allKeysUp(): void };
  /** The rectangle that is being received. */
  readonly _FBU: { readonly encoding: number; readonly width: number; readonly height: number };
  readonly _decoders: Readonly<Record<number, unknown>>;
  readonly _sock: {
    rQwait(message: string, bytes: number): boolean;
    rQskipBytes(bytes: number): void;
  };
  _framebufferUpdate(): boolean;
  _handleDataRect(): boolean;
  _resize(width: number, height: number): void;
}

/**
 * Calls `drawn` after each complete framebuffer update, and makes noVNC throw a RangeError if the
 * server announces a screen that is too large.
 */
export function watchFramebuffer(rfb: RFB, drawn: () => void): void {
  const internals = rfb as unknown as Internals;
  const update = internals._framebufferUpdate.bind(rfb);
  const resize = internals._resize.bind(rfb);
  internals._framebufferUpdate = () => {
    const complete = update();
    if (complete) drawn();
    return complete;
  };
  internals._resize = (width, height) => {
    const fits = Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS;
    if (!fits) throw new RangeError(`a screen of ${width} × ${height} is too large to show`);
    resize(width, height);
  };
}

/**
 * The data length, in bytes, of pseudo-encodings that noVNC does not know, for a rectangle of the
 * given size.
 */
const SKIPPED: Readonly<Record<number, (width: number, height: number) => number>> = {
  [-232]: () => 0, // position of the pointer
  [-240]: (width, height) => (width * height === 0 ? 0 : 6 + 2 * Math.ceil(width / 8) * height), // X cursor
  [-257]: () => 0, // QEMU: change of the pointer type
  [-258]: () => 0, // QEMU: extended key events
  [-259]: () => 0, // QEMU: audio
  [-261]: () => 1, // QEMU: keyboard LEDs
  [-305]: () => 0, // gii
  [-309]: () => 0, // xvp
};

/**
 * Skips rectangles in encodings that the viewer did not ask for; QEMU sends some. If the length of
 * one is unknown, makes noVNC throw a RangeError, because the rest of the stream cannot be parsed.
 */
export function skipUnadvertised(rfb: RFB): void {
  const internals = rfb as unknown as Internals;
  const handle = internals._handleDataRect.bind(rfb);
  internals._handleDataRect = () => {
    const { encoding, width, height } = internals._FBU;
    if (internals._decoders[encoding]) return handle();
    const length = SKIPPED[encoding]?.(width, height);
    if (length === undefined) {
      throw new RangeError(`the server used the encoding ${encoding}, which was not requested`);
    }
    if (length > 0 && internals._sock.rQwait('skipped rectangle', length)) return false;
    internals._sock.rQskipBytes(length);
    return true;
  };
}

/** Releases all keys on the server, as noVNC itself does when the window loses the focus. */
export function releaseKeys(rfb: RFB): void {
  (rfb as unknown as Internals)._keyboard._allKeysUp();
}

export interface FocusOptions {
  /** For screen readers; names the shortcut for leaving. */
  readonly label: string;
  /** The user pressed the shortcut for leaving. */
  leaveRequested(): void;
  /** The canvas has lost the focus. */
  blurred(): void;
}

/** Lets the user reach the canvas with Tab, and leave it although it captures Tab. */
export function makeCanvasFocusable(
  canvas: HTMLCanvasElement,
  { label, leaveRequested, blurred }: FocusOptions,
): void {
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', label);
  canvas.addEventListener('blur', blurred);
  canvas.addEventListener(
    'keydown',
    event => {
      if (!isLeaveShortcut(event)) return;
      event.preventDefault();
      // Keep the key away from noVNC, which would send it.
      event.stopImmediatePropagation();
      leaveRequested();
    },
    { capture: true },
  );
}
