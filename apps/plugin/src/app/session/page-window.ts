/** Size of a window of its own: 80 columns and some, as the page would have it on a small screen. */
const POPUP = 'popup,width=1000,height=700';

/** `Keyboard` of the Keyboard Lock API, which only some browsers have. */
interface LockableKeyboard {
  lock?(keyCodes: string[]): Promise<void>;
  unlock?(): void;
}

/** The browser's window around a session: all of the screen, or one of its own. */
export class PageWindow {
  get isFullScreen(): boolean {
    return document.fullscreenElement !== null;
  }

  async toggleFullScreen(): Promise<void> {
    if (this.isFullScreen) return document.exitFullscreen();
    // The whole document: dialogs are placed at its end, and would not be seen from within a part.
    await document.documentElement.requestFullscreen();
    // Escape belongs to the program at the far end; held down, it still leads out.
    await this.keyboard?.lock?.(['Escape']).catch(() => undefined);
  }

  leaveFullScreen(): void {
    this.keyboard?.unlock?.();
    if (this.isFullScreen) void document.exitFullscreen();
  }

  /**
   * Opens an address in a window of its own. It keeps its opener: without one, the browser would
   * not copy what this one knows of the sign-in.
   * @returns false when the browser did not allow it
   */
  open(address: string): boolean {
    return window.open(address, '_blank', POPUP) !== null;
  }

  private get keyboard(): LockableKeyboard | undefined {
    return (navigator as { keyboard?: LockableKeyboard }).keyboard;
  }
}
