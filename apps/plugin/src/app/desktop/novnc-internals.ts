import type RFB from '@novnc/novnc';

/**
 * Servers of wall screens announce some 16384 pixels a side; browsers draw no larger canvas, and a
 * server may announce 65535 by 65535 to take the tab's memory.
 */
const MAX_SIDE = 16_384;
const MAX_PIXELS = 64 * 1024 * 1024;

/** What noVNC 1.7.0 has no public member for; a test holds it to that version. */
interface Internals {
  readonly _keyboard: { _allKeysUp(): void };
  _framebufferUpdate(): boolean;
  _resize(width: number, height: number): void;
}

export interface PictureWatch {
  /** A framebuffer update has been taken in. */
  drawn(): void;
}

/**
 * Watches the pictures of a viewer.
 *
 * While it takes in bytes, the viewer throws a RangeError at a screen that no browser can show.
 */
export function watchPictures(rfb: RFB, { drawn }: PictureWatch): void {
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

/** Tells the machine that no key is down any more, as the viewer does when the window loses the keyboard. */
export function releaseKeys(rfb: RFB): void {
  (rfb as unknown as Internals)._keyboard._allKeysUp();
}
