/** Size of a pop-up window: wide enough for 80 columns. */
const POPUP = 'popup,width=1000,height=700';

/** `Keyboard` of the Keyboard Lock API, which only some browsers have. */
interface LockableKeyboard {
  lock?(keyCodes: string[]): Promise<void>;
  unlock?(): void;
}

/** The browser window around a session: title, full screen, and pop-up windows for more sessions. */
export class BrowserWindow {
  private readonly titleBefore = document.title;

  set title(title: string) {
    document.title = title;
  }

  get isFullScreen(): boolean {
    return document.fullscreenElement !== null;
  }

  async toggleFullScreen(): Promise<void> {
    if (this.isFullScreen) return document.exitFullscreen();
    // The whole document, because dialogs are attached to its end and would be hidden otherwise.
    await document.documentElement.requestFullscreen();
    // Escape goes to the remote program. Holding it down still leaves full screen.
    await this.keyboard?.lock?.(['Escape']).catch(() => undefined);
  }

  /** The page of the session is left. */
  restore(): void {
    document.title = this.titleBefore;
    this.keyboard?.unlock?.();
    if (this.isFullScreen) void document.exitFullscreen();
  }

  /**
   * Opens an address in a pop-up window. The opener is kept: without it, the browser would not copy
   * the session storage, which may hold the sign-in.
   *
   * @returns false if the browser blocked the window
   */
  openPopup(address: string): boolean {
    return window.open(address, '_blank', POPUP) !== null;
  }

  private get keyboard(): LockableKeyboard | undefined {
    return (navigator as { keyboard?: LockableKeyboard }).keyboard;
  }
}
