import type { DesktopPreferences } from './desktop-preferences';

/** Longest text that goes either way, in characters: more is no copying by hand. */
export const MAX_CLIPBOARD_LENGTH = 1024 * 1024;

/** The clipboard of this computer, as far as the browser lets a page at it. */
export interface LocalClipboard {
  /** Rejects where the browser or the user refuses. */
  write(text: string): Promise<void>;
  /** @returns `undefined` unless the user has allowed it before: nobody is asked by surprise */
  readIfAllowed(): Promise<string | undefined>;
}

/** Keeps two clipboards alike, in the directions that the user shares. */
export class DesktopClipboard {
  /** What the machine has last, or would have when sharing were on. */
  private last = '';

  constructor(
    private readonly local: LocalClipboard,
    private readonly ports: {
      preferences(): Pick<DesktopPreferences, 'clipboardIn' | 'clipboardOut'>;
      offer(text: string): void;
      show(text: string): void;
    },
  ) {}

  /** Something was copied on the machine. */
  async copiedThere(text: string): Promise<void> {
    const { clipboardIn } = this.ports.preferences();
    if (!clipboardIn || text.length > MAX_CLIPBOARD_LENGTH) return;
    this.last = text;
    this.ports.show(text);
    try {
      await this.local.write(text);
    } catch {
      // Not allowed, or another window has the focus: the panel has the text.
    }
  }

  /** The user turns to the machine: what was copied here is there before the next key. */
  async turnedThere(): Promise<void> {
    if (!this.ports.preferences().clipboardOut) return;
    const text = await this.local.readIfAllowed();
    if (text !== undefined) this.send(text);
  }

  /** The user sends a text on purpose. */
  send(text: string): void {
    const known = text === this.last || text.length > MAX_CLIPBOARD_LENGTH;
    if (known || !this.ports.preferences().clipboardOut) return;
    this.last = text;
    this.ports.show(text);
    this.ports.offer(text);
  }
}
