import type { DesktopPreferences } from './desktop-preferences';

/**
 * Maximum length of a text that is shared in either direction, in characters. Nobody copies more by
 * hand.
 */
export const MAX_CLIPBOARD_LENGTH = 1024 * 1024;

/** The clipboard of the user's computer, as far as the browser grants access. */
export interface LocalClipboard {
  /** Rejects if the browser or the user denies access. */
  write(text: string): Promise<void>;
  /** @returns `undefined` unless the user has already granted access, so that no prompt appears */
  readIfAllowed(): Promise<string | undefined>;
}

export const BROWSER_CLIPBOARD: LocalClipboard = {
  write: text => navigator.clipboard.writeText(text),

  async readIfAllowed() {
    try {
      // Firefox and Safari do not have this permission; there, the user has to use the panel.
      const name = 'clipboard-read' as PermissionName;
      const { state } = await navigator.permissions.query({ name });
      return state === 'granted' ? await navigator.clipboard.readText() : undefined;
    } catch {
      return undefined;
    }
  },
};

export interface DesktopClipboardOptions {
  preferences(): Pick<DesktopPreferences, 'clipboardIn' | 'clipboardOut'>;
  /** Sends text to the clipboard of the remote computer. */
  send(text: string): void;
  /** Shows the text in the panel. */
  show(text: string): void;
  /** A text was copied on the remote computer, but is not passed on to the user. */
  withheld(): void;
}

/** Keeps the local and the remote clipboard in sync, in the directions that the user allows. */
export class DesktopClipboard {
  /** The text last sent or received. */
  private last = '';

  constructor(
    private readonly local: LocalClipboard,
    private readonly options: DesktopClipboardOptions,
  ) {}

  /** A text was copied on the remote computer. */
  async receive(text: string): Promise<void> {
    if (!this.options.preferences().clipboardIn) return this.options.withheld();
    if (text.length > MAX_CLIPBOARD_LENGTH) return;
    this.last = text;
    this.options.show(text);
    try {
      await this.local.write(text);
    } catch {
      // Access was denied, or another window has the focus. The panel shows the text.
    }
  }

  /**
   * Sends the local clipboard when the desktop receives the focus, before the user pastes there.
   */
  async sendLocal(): Promise<void> {
    if (!this.options.preferences().clipboardOut) return;
    const text = await this.local.readIfAllowed();
    if (text !== undefined) this.send(text);
  }

  /** Sends a text that the user entered in the panel. */
  send(text: string): void {
    const skip = text === this.last || text.length > MAX_CLIPBOARD_LENGTH;
    if (skip || !this.options.preferences().clipboardOut) return;
    this.last = text;
    this.options.show(text);
    this.options.send(text);
  }
}
