import type { ISearchOptions } from '@xterm/addon-search';
import type { ITerminalOptions } from '@xterm/xterm';
import { MAX_SCREEN_LENGTH } from '@remote-access/contracts';
import { plainLine } from '../ui/plain-text';
import { parseClipboardWrite } from './clipboard-text';
import { LayoutRest } from './expected-size';
import { limitQueryReplies, ReplyRateLimiter } from './query-replies';
import { prepareXterm, takeXterm } from './spare-xterm';
import { TerminalKeyboard, type KeyboardListener } from './terminal-keyboard';
import { readPreferences, thisComputer, type TerminalPreferences } from './terminal-preferences';
import { OutputDecoder, screenText } from './terminal-text';
import { shownTheme, TERMINAL_THEMES, type TerminalThemeName } from './terminal-themes';
import type { XtermParts, XtermSize } from './xterm-loader';

/**
 * Resets what an interrupted program may have left behind: cancels an incomplete escape sequence
 * (CAN), turns off mouse reports, focus reports and bracketed paste, shows the cursor, and restores
 * default attributes and the scrolling region (DECSTR). Then starts a new line.
 */
const RESET = '\x18\x1b[?1000;1002;1003;1004;1006;2004l\x1b[?25h\x1b[!p\r\n';

/** Lines of scrollback that are stored for a reload: browsers give a tab some megabytes. */
const STORED_LINES = 2_000;

/** Leaves the alternate screen. On the main screen it would move the cursor to the top. */
const TO_MAIN_SCREEN = '\x18\x1b[?1049l';

const MAX_TITLE_CHARACTERS = 200;

/**
 * The program is told about a new size once the layout has settled: opening a page changes the size
 * a dozen times, and programs that read it only once would get a wrong one.
 */
const SETTLED_MS = 150;

export interface SearchRequest {
  readonly text: string;
  readonly matchCase: boolean;
  /** Relative to the current match; `newest` starts at the end of the output. */
  readonly direction: 'newest' | 'older' | 'newer';
}

export interface SearchResult {
  /** Index of the current match, -1 if none is selected. */
  readonly index: number;
  readonly count: number;
}

/** How a terminal looks, and what its keys do. */
export interface TerminalLook {
  readonly preferences: TerminalPreferences;
  readonly theme: TerminalThemeName;
}

/** Events of a terminal. Texts come from the program or the clipboard and are never markup. */
export interface TerminalListener extends KeyboardListener {
  resized(cols: number, rows: number): void;
  searched(result: SearchResult): void;
  titleChanged(title: string): void;
  bell(): void;
  /** The user pastes. Nothing is sent until {@link XtermScreen.paste}. */
  pasted(text: string): void;
  /** The user clicked a link, which is http or https. */
  linkClicked(address: string): void;
  /** The program wants to write to the user's clipboard. */
  clipboardWriteRequested(text: string): void;
  /** The user opens the context menu at a position in the window, in pixels. */
  menuRequested(x: number, y: number): void;
}

function optionsOf({ preferences, theme }: TerminalLook): ITerminalOptions {
  const { colours, minimumContrast } = TERMINAL_THEMES[theme];
  return {
    fontSize: preferences.fontSizePx,
    theme: colours,
    minimumContrastRatio: minimumContrast,
    macOptionIsMeta: preferences.altIsMeta,
    screenReaderMode: preferences.screenReader,
  };
}

/** A terminal drawn by xterm.js, which is loaded when a session opens. */
export class XtermScreen {
  readonly keyboard: TerminalKeyboard;
  private readonly decoder = new OutputDecoder();
  private readonly resizeObserver: ResizeObserver;
  private readonly pasteListener: (event: ClipboardEvent) => void;
  private readonly menuListener: (event: MouseEvent) => void;
  private preferences: TerminalPreferences | undefined;
  private searchDecorations: ISearchOptions['decorations'];
  private fitFrame = 0;
  private readonly rest: LayoutRest;
  /** Resolves once the terminal fits into the page. */
  readonly fitted: Promise<void>;
  private hasFitted!: () => void;

  /** Opens the terminal of the next session before it is needed. */
  static prepare(): void {
    const preferences = readPreferences(localStorage, thisComputer());
    const isDark = document.querySelector('.c8y-dark-theme') !== null;
    prepareXterm(optionsOf({ preferences, theme: shownTheme(preferences.theme, isDark) }));
  }

  static async open(
    element: HTMLElement,
    label: string,
    look: TerminalLook,
    listener: TerminalListener,
    expected?: XtermSize,
  ): Promise<XtermScreen> {
    const { parts, hasSize } = await takeXterm(element, optionsOf(look), expected);
    parts.linkClicked = address => listener.linkClicked(address);
    parts.terminal.textarea?.setAttribute('aria-label', label);
    return new XtermScreen(parts, element, listener, hasSize);
  }

  private constructor(
    private readonly parts: XtermParts,
    private readonly element: HTMLElement,
    private readonly listener: TerminalListener,
    hasSize: boolean,
  ) {
    const { terminal } = parts;
    this.fitted = new Promise(resolve => (this.hasFitted = resolve));
    this.keyboard = new TerminalKeyboard(terminal, listener, () => this.copy());
    this.rest = new LayoutRest(SETTLED_MS, () => listener.resized(terminal.cols, terminal.rows));
    this.listenToUser();
    this.listenToProgram();
    // In the capture phase, before xterm.js handles the event, so that every paste is checked.
    this.pasteListener = event => {
      event.preventDefault();
      event.stopPropagation();
      listener.pasted(event.clipboardData?.getData('text/plain') ?? '');
    };
    element.addEventListener('paste', this.pasteListener, true);
    // Also in the capture phase: otherwise xterm.js would select the word under the pointer.
    this.menuListener = event => this.openMenu(event);
    element.addEventListener('contextmenu', this.menuListener, true);
    // Measuring it would make the browser compute the layout of a page that is not complete yet.
    if (!hasSize) this.fit();
    // Fit at most once per frame: dragging a window border reports dozens of sizes.
    this.resizeObserver = new ResizeObserver(() => {
      cancelAnimationFrame(this.fitFrame);
      this.fitFrame = requestAnimationFrame(() => this.fit());
    });
    this.resizeObserver.observe(element);
  }

  get size(): { cols: number; rows: number } {
    return { cols: this.parts.terminal.cols, rows: this.parts.terminal.rows };
  }

  /** Draws output in order, and calls `drawn` once it is processed. */
  write(bytes: Uint8Array, drawn: () => void): void {
    this.parts.terminal.write(this.decoder.decode(bytes), drawn);
  }

  /** Leaves the modes of full-screen programs and starts a new line. The scrollback is kept. */
  reset(): void {
    const { terminal } = this.parts;
    this.decoder.reset();
    terminal.write((this.isFullScreen ? TO_MAIN_SCREEN : '') + RESET);
  }

  /** What is displayed, as output that reproduces it. */
  snapshot(): string {
    return this.parts.serialize.serialize({ scrollback: STORED_LINES });
  }

  /** The visible screen alone, for watchers. Colours are left out if they make it too long. */
  visibleScreen(): string {
    const { serialize, terminal } = this.parts;
    const screen = serialize.serialize({ scrollback: 0 });
    if (screen.length <= MAX_SCREEN_LENGTH) return screen;
    const { active } = terminal.buffer;
    const lines = Array.from({ length: terminal.rows }, (_, row) =>
      active.getLine(active.baseY + row)?.translateToString(true),
    );
    return lines.join('\r\n').slice(0, MAX_SCREEN_LENGTH);
  }

  /** Displays a snapshot. It was output before, but answers no queries and rings no bell again. */
  restore(snapshot: string): void {
    this.parts.terminal.write(snapshot);
  }

  apply(preferences: TerminalPreferences, theme: TerminalThemeName): void {
    const { terminal } = this.parts;
    const { match, currentMatch } = TERMINAL_THEMES[theme];
    const { fontSize } = terminal.options;
    this.preferences = preferences;
    this.keyboard.preferences = preferences;
    this.searchDecorations = {
      matchBackground: match,
      matchOverviewRuler: match,
      activeMatchBackground: currentMatch,
      activeMatchColorOverviewRuler: currentMatch,
    };
    // xterm.js ignores those that have not changed.
    Object.assign(terminal.options, optionsOf({ preferences, theme }));
    if (terminal.options.fontSize !== fontSize) this.fit();
  }

  find({ text, matchCase, direction }: SearchRequest): void {
    const { search, terminal } = this.parts;
    if (text === '') return this.endSearch();
    const options = { caseSensitive: matchCase, decorations: this.searchDecorations };
    // Without a selection, the search starts at the end.
    if (direction === 'newest') terminal.clearSelection();
    if (direction === 'newer') search.findNext(text, options);
    else search.findPrevious(text, options);
  }

  endSearch(): void {
    this.parts.search.clearDecorations();
    this.listener.searched({ index: -1, count: 0 });
  }

  get hasSelection(): boolean {
    return this.parts.terminal.hasSelection();
  }

  /** Whether a full-screen program is drawing, which has no scrollback. */
  get isFullScreen(): boolean {
    return this.parts.terminal.buffer.active.type === 'alternate';
  }

  selectAll(): void {
    this.parts.terminal.selectAll();
  }

  /** Removes the scrollback and all lines except the one with the cursor. */
  clear(): void {
    this.parts.terminal.clear();
  }

  copy(): void {
    const { terminal } = this.parts;
    if (!terminal.hasSelection()) return;
    // Pages served without TLS have no `navigator.clipboard`.
    if (!navigator.clipboard) {
      terminal.focus();
      document.execCommand('copy');
      return;
    }
    navigator.clipboard.writeText(terminal.getSelection()).catch(() => undefined);
  }

  /** Pastes as if typed, in bracketed paste mode if the program has enabled it. */
  paste(text: string): void {
    this.parts.terminal.paste(text);
  }

  /** The main screen and its scrollback as text. */
  text(): string {
    return screenText(this.parts.terminal.buffer.normal);
  }

  focus(): void {
    this.parts.terminal.focus();
  }

  dispose(): void {
    cancelAnimationFrame(this.fitFrame);
    this.rest.stop();
    this.resizeObserver.disconnect();
    this.element.removeEventListener('paste', this.pasteListener, true);
    this.element.removeEventListener('contextmenu', this.menuListener, true);
    this.parts.terminal.dispose();
  }

  /**
   * Fits the terminal into its element. xterm.js drops the selection when the number of rows
   * changes, for example when the search bar closes; the selection is restored if it still covers
   * the same text.
   */
  private fit(): void {
    const { terminal, fit } = this.parts;
    const { cols } = terminal;
    const text = terminal.getSelection();
    const position = terminal.getSelectionPosition();
    fit.fit();
    this.parts.firstSize ??= this.size;
    this.hasFitted();
    if (!position || terminal.cols !== cols || terminal.hasSelection()) return;
    const { start, end } = position;
    terminal.select(start.x, start.y, (end.y - start.y) * cols + end.x - start.x);
    if (terminal.getSelection() !== text) terminal.clearSelection();
  }

  private listenToUser(): void {
    const { listener } = this;
    const { terminal, search } = this.parts;
    terminal.onResize(() => this.rest.changed());
    terminal.onRender(() => this.hideSelectionOutside());
    terminal.onSelectionChange(() => this.hideSelectionOutside());
    search.onDidChangeResults(({ resultIndex, resultCount }) =>
      listener.searched({ index: resultIndex, count: resultCount }),
    );
    this.element.addEventListener('mouseup', () => {
      if (this.preferences?.copyOnSelect) this.copy();
    });
  }

  private listenToProgram(): void {
    const { listener } = this;
    const { terminal } = this.parts;
    limitQueryReplies(terminal, new ReplyRateLimiter(() => performance.now()));
    terminal.onTitleChange(title => listener.titleChanged(plainLine(title, MAX_TITLE_CHARACTERS)));
    terminal.onBell(() => listener.bell());
    terminal.parser.registerOscHandler(52, data => {
      const text = parseClipboardWrite(data);
      if (text !== undefined) listener.clipboardWriteRequested(text);
      return true;
    });
  }

  /**
   * xterm.js 5 (`DomRenderer.handleSelectionChanged`) draws a selection that was scrolled out of
   * view over the first line, which then becomes unreadable.
   */
  private hideSelectionOutside(): void {
    const { terminal } = this.parts;
    const { viewportY } = terminal.buffer.active;
    const selection = terminal.getSelectionPosition();
    const isOutside =
      selection !== undefined &&
      (selection.end.y < viewportY || selection.start.y >= viewportY + terminal.rows);
    this.element.classList.toggle('selection-outside', isOutside);
  }

  /** A program that uses the mouse also receives the right button, unless Shift is down. */
  private openMenu(event: MouseEvent): void {
    event.preventDefault();
    const isByMouse = event.button === 2;
    const isTaken = this.parts.terminal.modes.mouseTrackingMode !== 'none';
    if (isByMouse && isTaken && !event.shiftKey) return;
    event.stopPropagation();
    const { left, top } = this.element.getBoundingClientRect();
    // Keys that open menus report the position of the focused element, which xterm.js keeps off
    // screen.
    this.listener.menuRequested(
      isByMouse ? event.clientX : Math.max(event.clientX, left),
      isByMouse ? event.clientY : Math.max(event.clientY, top),
    );
  }
}
