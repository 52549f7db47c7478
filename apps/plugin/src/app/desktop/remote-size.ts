import type RFB from '@novnc/novnc';

/** The size of a remote screen and its monitors, as the server described them. */
interface Layout {
  readonly width: number;
  readonly height: number;
  /** The number of monitors, padding, and 16 bytes for each monitor. */
  readonly monitors: Uint8Array<ArrayBuffer>;
}

const SET_DESKTOP_SIZE = 251;

/**
 * The reason code for the response to this client's own request; RFC 6143's registry,
 * ExtendedDesktopSize.
 */
const ASKED_BY_US = 1;

/** Members of noVNC 1.7.0 that are private and have no public equivalent. A test pins the version. */
interface Internals {
  /** The rectangle that is being received: x is the reason of the new size, y is the status. */
  readonly _FBU: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
  readonly _sock: {
    rQwait(message: string, bytes: number): boolean;
    rQpeek8(): number;
    rQpeekBytes(bytes: number): Uint8Array<ArrayBuffer>;
  };
  /** A resize request by noVNC has not been answered. */
  readonly _pendingRemoteResize: boolean;
  _handleExtendedDesktopSize(): boolean;
}

/**
 * Remembers the size that a screen had before noVNC changed it, and restores it: the machine is
 * also used by others, including people sitting in front of it.
 */
export class RemoteSize {
  private current: Layout | undefined;
  /** The layout to restore; unset unless this client changed the size. */
  private original: Layout | undefined;
  private isRestoring = false;

  constructor(
    private readonly rfb: RFB,
    private readonly send: (bytes: Uint8Array<ArrayBuffer>) => void,
  ) {
    const internals = rfb as unknown as Internals;
    const handle = internals._handleExtendedDesktopSize.bind(rfb);
    internals._handleExtendedDesktopSize = () => {
      const layout = receivedLayout(internals);
      const { x, y } = internals._FBU;
      const isAwaited = internals._pendingRemoteResize || this.isRestoring;
      const isComplete = handle();
      if (!layout || !isComplete) return isComplete;
      if (x === ASKED_BY_US) this.answered(layout, y !== 0);
      // Before the response, a server announces the new size to each client as if the server had
      // changed it.
      else if (!isAwaited) this.changedByOthers(layout);
      return isComplete;
    };
  }

  /** Asks the server for the original size, unless another client has changed it since. */
  restore(): void {
    if (!this.original || this.isRestoring) return;
    this.isRestoring = true;
    this.send(requestFor(this.original));
  }

  private changedByOthers(layout: Layout): void {
    const { current } = this;
    const isSame = current?.width === layout.width && current.height === layout.height;
    if (!isSame) this.original = undefined;
    this.current = layout;
  }

  private answered(layout: Layout, isRefused: boolean): void {
    if (this.isRestoring) {
      this.isRestoring = false;
      this.original = undefined;
    } else if (!isRefused) this.original ??= this.current;
    if (!isRefused) this.current = layout;
    // The response to a request that was in flight when the user chose another mode.
    if (!this.rfb.resizeSession) this.restore();
  }
}

/** The layout that is being received; `undefined` until it is complete. */
function receivedLayout({ _sock, _FBU: { width, height } }: Internals): Layout | undefined {
  if (_sock.rQwait('number of screens', 4)) return undefined;
  const length = 4 + 16 * _sock.rQpeek8();
  if (_sock.rQwait('screens', length)) return undefined;
  return { width, height, monitors: _sock.rQpeekBytes(length) };
}

/** A SetDesktopSize message. The monitors have the same form as in the server's description. */
function requestFor({ width, height, monitors }: Layout): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + monitors.length - 4);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, SET_DESKTOP_SIZE);
  view.setUint16(2, width);
  view.setUint16(4, height);
  view.setUint8(6, monitors[0]!);
  bytes.set(monitors.subarray(4), 8);
  return bytes;
}
