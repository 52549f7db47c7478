/** The browser, as far as it tells the user about a tab that is not looked at. */
export interface NoticeBoard {
  readonly isHidden: boolean;
  /** `unsupported` where pages cannot show notifications. */
  readonly permission: NotificationPermission | 'unsupported';
  /** May throw: some browsers let only service workers show notifications. */
  show(title: string, text: string, chosen: () => void): void;
  /** Marks the tab's title. */
  mark(isMarked: boolean): void;
}

/**
 * Tells the user what happens to a session in a tab that is not looked at: by a notification if the
 * user allows them, and by a mark in the tab's title.
 */
export class BackgroundNotices {
  constructor(private readonly board: NoticeBoard) {}

  /**
   * @param title names the session
   * @param chosen the user wants to see it
   */
  tell(title: string, text: string, chosen: () => void): void {
    const { board } = this;
    if (!board.isHidden) return;
    board.mark(true);
    if (board.permission !== 'granted') return;
    try {
      board.show(title, text, chosen);
    } catch {
      // The mark remains.
    }
  }

  /** The user looks at the tab. */
  seen(): void {
    this.board.mark(false);
  }
}
