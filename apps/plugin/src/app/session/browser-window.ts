import { Injectable } from '@angular/core';

/** Size of a pop-up window: wide enough for 80 columns. */
const POPUP = 'popup,width=1000,height=700';

/** `Keyboard` of the Keyboard Lock API, which only some browsers have. */
interface LockableKeyboard {
  lock?(keyCodes: string[]): Promise<void>;
  unlock?(): void;
}

/** Precedes the title of a tab in which something has happened. */
const MARK = '● ';

/**
 * The browser window around a session: title, notifications, full screen, and pop-up windows for
 * further sessions.
 */
@Injectable()
export class BrowserWindow implements NoticeBoard {
  private readonly titleBefore = document.title;
  private ownTitle = this.titleBefore;
  private isMarked = false;

  get title(): string {
    return this.ownTitle;
  }

  set title(title: string) {
    this.ownTitle = title;
    this.mark(this.isMarked);
  }

  mark(isMarked: boolean): void {
    this.isMarked = isMarked;
    document.title = isMarked ? MARK + this.ownTitle : this.ownTitle;
  }

  get isHidden(): boolean {
    return document.hidden;
  }

  get permission(): NotificationPermission | 'unsupported' {
    return 'Notification' in window ? Notification.permission : 'unsupported';
  }

  /** Prompts the user, so call it only after a click. */
  async askToNotify(): Promise<void> {
    await Notification.requestPermission();
  }

  show(title: string, text: string, chosen: () => void): void {
    const notification = new Notification(title, { body: text, tag: title });
    notification.onclick = () => {
      window.focus();
      chosen();
      notification.close();
    };
  }

  get isFullScreen(): boolean {
    return document.fullscreenElement !== null;
  }

  async toggleFullScreen(): Promise<void> {
    if (this.isFullScreen) return document.exitFullscreen();
    // The whole document, because dialogs are attached to its end and would otherwise be hidden.
    await document.documentElement.requestFullscreen();
    // Sends Escape to the remote program. Holding it down still leaves full screen.
    await this.keyboard?.lock?.(['Escape']).catch(() => undefined);
  }

  /** Called when the user leaves the page of the session. */
  restore(): void {
    document.title = this.titleBefore;
    this.keyboard?.unlock?.();
    if (this.isFullScreen) void document.exitFullscreen();
  }

  /**
   * Opens an address in a pop-up window. The opener relation is kept: without it, the browser would
   * not copy the session storage, which may contain the sign-in.
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

/** The browser's means to notify a user who is not looking at the tab. */
export interface NoticeBoard {
  readonly isHidden: boolean;
  /** `unsupported` in browsers where pages cannot show notifications. */
  readonly permission: NotificationPermission | 'unsupported';
  /** May throw: some browsers let only service workers show notifications. */
  show(title: string, text: string, chosen: () => void): void;
  /** Adds or removes the mark in the tab's title. */
  mark(isMarked: boolean): void;
}

/**
 * Notifies a user who is not looking at the tab about what happens to a session: with a
 * notification if the user allows them, and with a mark in the tab's title.
 */
export class BackgroundNotices {
  constructor(private readonly board: NoticeBoard) {}

  /**
   * @param title names the session
   * @param chosen called if the user clicks the notification
   */
  tell(title: string, text: string, chosen: () => void): void {
    const { board } = this;
    if (!board.isHidden) return;
    board.mark(true);
    if (board.permission !== 'granted') return;
    try {
      board.show(title, text, chosen);
    } catch {
      // The mark in the title remains.
    }
  }

  /** The user looks at the tab. */
  seen(): void {
    this.board.mark(false);
  }
}
