import { ReaderWindow, type ReaderWindowBounds } from '@remote-access/streams';

/**
 * What a server may send beyond what has been read, where nothing is known of the reader. All of it
 * still comes after Ctrl+C, so it is small: a browser that draws 10 MB/s takes 50 ms for it.
 */
export const FIRST_WINDOW_BYTES = 512 * 1024;

const BOUNDS: ReaderWindowBounds = {
  leastBytes: FIRST_WINDOW_BYTES,
  // As ssh2 has it for every reader.
  mostBytes: 2 * 1024 * 1024,
  spanMs: 50,
};

/** Grants are few: each is for a piece of the window. */
const PIECES = 4;

/** How far ahead a server may send. */
export class ReadingWindow {
  private grantedBytes = FIRST_WINDOW_BYTES;
  private readonly window: ReaderWindow;

  /** @param now in milliseconds */
  constructor(now?: () => number) {
    this.window = new ReaderWindow(BOUNDS, now);
  }

  /** How much the server may have sent in all. */
  get granted(): number {
    return this.grantedBytes;
  }

  /**
   * @param readBytes all that has been read so far
   * @returns how much more the server may send; 0 for not worth a packet yet
   */
  grant(readBytes: number): number {
    this.window.advance(readBytes);
    const { bytes } = this.window;
    const granted = readBytes + bytes - this.grantedBytes;
    if (granted < bytes / PIECES) return 0;
    this.grantedBytes += granted;
    return granted;
  }
}
