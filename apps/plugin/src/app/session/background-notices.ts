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
