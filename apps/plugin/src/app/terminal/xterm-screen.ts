import type { ISearchOptions } from '@xterm/addon-search';
import { plainLine } from '../ui/plain-text';
import { AnswerBudget } from './answer-budget';
import { clipboardRequest } from './clipboard-request';
import { KeyPad, type PadKey } from './key-pad';
import { OutputDecoder } from './output-decoder';
import { guardQueries } from './query-guard';
import { screenText } from './screen-text';
import { shortcutOf } from './shortcut';
import type { TerminalPreferences } from './terminal-preferences';
import type { TerminalListener, TerminalScreen, Wanted } from './terminal-screen';
import { TERMINAL_THEMES, type TerminalTheme } from './terminal-themes';
import { openXterm, type XtermParts } from './xterm-parts';

/**
 * Out of whatever sequence was cut (CAN), no mouse reports, no focus reports, no bracketed paste,
 * cursor shown, default attributes and scrolling region (DECSTR), and a new line.
 */
const ANEW = '\x18\x1b[?1000;1002;1003;1004;1006;2004l\x1b[?25h\x1b[!p\r\n';

/** Leaves a full-screen program's screen; elsewhere it would put the cursor to the top. */
const TO_MAIN_SCREEN = '\x18\x1b[?1049l';

const MAX_TITLE_CHARACTERS = 200;

/** {@link TerminalScreen} with xterm.js, loaded when a session is opened. */
export class XtermScreen implements TerminalScreen {
  private readonly encoder = new TextEncoder();
  private readonly decoder = new OutputDecoder();
  private readonly pad = new KeyPad();
  private readonly watch: ResizeObserver;
  private readonly pasting: (event: ClipboardEvent) => void;
  private preferences: TerminalPreferences | undefined;
  private marks: ISearchOptions['decorations'];
  private frame = 0;

  static async open(
    element: HTMLElement,
    label: string,
    listener: TerminalListener,
  ): Promise<XtermScreen> {
    const parts = await openXterm(element, address => listener.linkClicked(address));
    parts.terminal.textarea?.setAttribute('aria-label', label);
    return new XtermScreen(parts, element, listener);
  }

  private constructor(
    private readonly parts: XtermParts,
    private readonly element: HTMLElement,
    private readonly listener: TerminalListener,
  ) {
    this.listenToUser();
    this.listenToProgram();
    // Before xterm.js has it: what is pasted is looked at first, wherever it was pasted.
    this.pasting = event => {
      event.preventDefault();
      event.stopPropagation();
      listener.pasted(event.clipboardData?.getData('text/plain') ?? '');
    };
    element.addEventListener('paste', this.pasting, true);
    parts.fit.fit();
    // At most one fit a frame: dragging a window's edge reports dozens of sizes.
    this.watch = new ResizeObserver(() => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => parts.fit.fit());
    });
    this.watch.observe(element);
  }

  get size(): { cols: number; rows: number } {
    return { cols: this.parts.terminal.cols, rows: this.parts.terminal.rows };
  }

  write(bytes: Uint8Array, drawn: () => void): void {
    this.parts.terminal.write(this.decoder.decode(bytes), drawn);
  }

  startAnew(): void {
    const { terminal } = this.parts;
    const fullScreen = terminal.buffer.active.type === 'alternate';
    this.decoder.startAnew();
    terminal.write((fullScreen ? TO_MAIN_SCREEN : '') + ANEW);
  }

  apply(preferences: TerminalPreferences, dark: boolean): void {
    const { terminal, fit } = this.parts;
    const { theme: choice, fontSizePx, altIsMeta, screenReader } = preferences;
    const name = choice === 'product' ? (dark ? 'dark' : 'light') : choice;
    const { colours, minimumContrast, found, shown }: TerminalTheme = TERMINAL_THEMES[name];
    this.preferences = preferences;
    this.marks = {
      ...{ matchBackground: found, matchOverviewRuler: found },
      ...{ activeMatchBackground: shown, activeMatchColorOverviewRuler: shown },
    };
    terminal.options.theme = colours;
    terminal.options.minimumContrastRatio = minimumContrast;
    terminal.options.macOptionIsMeta = altIsMeta;
    terminal.options.screenReaderMode = screenReader;
    if (terminal.options.fontSize === fontSizePx) return;
    terminal.options.fontSize = fontSizePx;
    fit.fit();
  }

  find({ text, matchCase, towards }: Wanted): void {
    const { search, terminal } = this.parts;
    if (text === '') return this.endSearch();
    const options = { caseSensitive: matchCase, decorations: this.marks };
    // From the end on, where a terminal is read.
    if (towards === 'newest') terminal.clearSelection();
    if (towards === 'newer') search.findNext(text, options);
    else search.findPrevious(text, options);
  }

  endSearch(): void {
    this.parts.search.clearDecorations();
    this.listener.found({ index: -1, count: 0 });
  }

  copy(): void {
    const { terminal } = this.parts;
    if (!terminal.hasSelection()) return;
    // Pages that are not served over TLS have no clipboard but this way to it.
    if (!navigator.clipboard) {
      terminal.focus();
      document.execCommand('copy');
      return;
    }
    navigator.clipboard.writeText(terminal.getSelection()).catch(() => undefined);
  }

  paste(text: string): void {
    this.parts.terminal.paste(text);
  }

  press(key: PadKey): void {
    const { terminal } = this.parts;
    terminal.input(this.pad.press(key, terminal.modes.applicationCursorKeysMode));
    this.listener.ctrlChanged(this.pad.ctrl);
    terminal.focus();
  }

  toggleCtrl(): void {
    this.pad.toggleCtrl();
    this.listener.ctrlChanged(this.pad.ctrl);
    this.parts.terminal.focus();
  }

  text(): string {
    return screenText(this.parts.terminal.buffer.normal);
  }

  focus(): void {
    this.parts.terminal.focus();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.watch.disconnect();
    this.element.removeEventListener('paste', this.pasting, true);
    this.parts.terminal.dispose();
  }

  private listenToUser(): void {
    const { listener, pad } = this;
    const { terminal, search } = this.parts;
    terminal.onData(text => {
      const typed = pad.typed(text);
      if (typed !== text) listener.ctrlChanged(pad.ctrl);
      listener.typed(this.encoder.encode(typed));
    });
    // Mouse reports of the old encoding are bytes, not characters.
    terminal.onBinary(text => listener.typed(Uint8Array.from(text, c => c.charCodeAt(0))));
    terminal.onResize(({ cols, rows }) => listener.resized(cols, rows));
    terminal.attachCustomKeyEventHandler(event => this.isForProgram(event));
    search.onDidChangeResults(({ resultIndex, resultCount }) =>
      listener.found({ index: resultIndex, count: resultCount }),
    );
    this.element.addEventListener('mouseup', () => {
      if (this.preferences?.copyOnSelect) this.copy();
    });
  }

  private listenToProgram(): void {
    const { listener } = this;
    const { terminal } = this.parts;
    guardQueries(terminal, new AnswerBudget(() => performance.now()));
    terminal.onTitleChange(title => listener.titled(plainLine(title, MAX_TITLE_CHARACTERS)));
    terminal.onBell(() => listener.rang());
    terminal.parser.registerOscHandler(52, data => {
      const text = clipboardRequest(data);
      if (text !== undefined) listener.clipboardWanted(text);
      return true;
    });
  }

  /** @returns false for keys that the page uses itself, or leaves to the browser */
  private isForProgram(event: KeyboardEvent): boolean {
    const shortcut = shortcutOf(event);
    if (shortcut === 'none') {
      const writesSign = event.altKey && !event.ctrlKey && event.key.length === 1;
      return !writesSign || this.preferences?.altIsMeta !== false;
    }
    // Its other half, keyup, is nobody's. The browser itself pastes, and so asks for no permission.
    if (event.type !== 'keydown' || shortcut === 'paste') return false;
    event.preventDefault();
    switch (shortcut) {
      case 'search':
        this.listener.searchWanted();
        break;
      case 'copy':
        this.copy();
        break;
      case 'leave':
        this.listener.left();
        break;
      case 'larger':
      case 'smaller':
      case 'usual-size':
        this.listener.fontSizeWanted(shortcut);
        break;
      default:
        shortcut satisfies never;
    }
    return false;
  }
}
