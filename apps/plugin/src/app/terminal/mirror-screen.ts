import { TERMINAL_THEMES } from './terminal-themes';
import { limitQueryReplies } from './query-replies';
import { OutputDecoder } from './terminal-text';
import { openXterm, type XtermParts } from './xterm-loader';

/**
 * A copy of another user's terminal, of the same size. It answers no queries and copies nothing.
 */
export class MirrorScreen {
  private readonly decoder = new OutputDecoder();

  /** @param typed receives the keys that are pressed here */
  static async open(
    element: HTMLElement,
    label: string,
    isDark: boolean,
    typed: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): Promise<MirrorScreen> {
    // Links are left to the user of the session, who can follow them.
    const theme = TERMINAL_THEMES[isDark ? 'dark' : 'light'].colours;
    const parts = await openXterm(element, { theme });
    parts.terminal.textarea?.setAttribute('aria-label', label);
    return new MirrorScreen(parts, typed);
  }

  private constructor(
    private readonly parts: XtermParts,
    typed: (bytes: Uint8Array<ArrayBuffer>) => void,
  ) {
    const { terminal } = parts;
    const encoder = new TextEncoder();
    // The user's own terminal replies; a second reply would be one too many.
    limitQueryReplies(terminal, { take: () => false });
    terminal.parser.registerOscHandler(52, () => true);
    terminal.onData(text => typed(encoder.encode(text)));
  }

  /** Replaces the content with a whole screen. */
  show({ cols, rows, data }: { cols: number; rows: number; data: string }): void {
    const { terminal } = this.parts;
    this.decoder.reset();
    terminal.reset();
    terminal.resize(cols, rows);
    terminal.write(data);
  }

  resize(cols: number, rows: number): void {
    this.parts.terminal.resize(cols, rows);
  }

  write(bytes: Uint8Array, drawn: () => void): void {
    this.parts.terminal.write(this.decoder.decode(bytes), drawn);
  }

  focus(): void {
    this.parts.terminal.focus();
  }

  dispose(): void {
    this.parts.terminal.dispose();
  }
}
