import type { FitAddon } from '@xterm/addon-fit';
import type { ITheme, Terminal } from '@xterm/xterm';
import type { TerminalListener, TerminalScreen } from './terminal-screen';

/** Lines that can be scrolled back to; at 200 columns some 25 MB when full. */
const SCROLLBACK_LINES = 10_000;

/**
 * No mouse reports, no bracketed paste, cursor shown, default attributes and scrolling region
 * (DECSTR), and a new line.
 */
const ANEW = '\x1b[?1000;1002;1003;1004;1006;2004l\x1b[?25h\x1b[!p\r\n';

/** Leaves a full-screen program's screen; elsewhere it would put the cursor to the top. */
const TO_MAIN_SCREEN = '\x1b[?1049l';

/** {@link TerminalScreen} with xterm.js, loaded when a session is opened. */
export class XtermScreen implements TerminalScreen {
  private readonly encoder = new TextEncoder();
  private readonly watch: ResizeObserver;
  private frame = 0;

  static async open(
    element: HTMLElement,
    label: string,
    listener: TerminalListener,
  ): Promise<XtermScreen> {
    const [{ Terminal }, { FitAddon }, { Unicode11Addon }] = await Promise.all([
      import('@xterm/xterm'),
      import('@xterm/addon-fit'),
      import('@xterm/addon-unicode11'),
      import('@xterm/xterm/css/xterm.css'),
    ]);
    const terminal = new Terminal({
      scrollback: SCROLLBACK_LINES,
      fontFamily: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
      fontSize: 14,
      // At 1 the foot of a line is cut off in some fonts, and an underscore looks like a space.
      lineHeight: 1.2,
      cursorBlink: true,
      // Colours of programs stay readable on either background.
      minimumContrastRatio: 4.5,
      macOptionIsMeta: true,
      // Choosing the widths of characters is an API of xterm.js that may still change.
      allowProposedApi: true,
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    // Emoji are two cells wide for every shell of the last years; xterm.js itself counts as in 2006.
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = '11';
    terminal.open(element);
    terminal.textarea?.setAttribute('aria-label', label);
    return new XtermScreen(terminal, fit, element, listener);
  }

  private constructor(
    private readonly terminal: Terminal,
    private readonly fit: FitAddon,
    element: HTMLElement,
    listener: TerminalListener,
  ) {
    terminal.onData(text => listener.typed(this.encoder.encode(text)));
    // Mouse reports of the old encoding are bytes, not characters.
    terminal.onBinary(text => listener.typed(Uint8Array.from(text, c => c.charCodeAt(0))));
    terminal.onResize(({ cols, rows }) => listener.resized(cols, rows));
    terminal.attachCustomKeyEventHandler(event => {
      const leaves = event.key === 'F6' && event.ctrlKey;
      if (leaves && event.type === 'keydown') listener.left();
      return !leaves;
    });
    fit.fit();
    // At most one fit a frame: dragging a window's edge reports dozens of sizes.
    this.watch = new ResizeObserver(() => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => fit.fit());
    });
    this.watch.observe(element);
  }

  get size(): { cols: number; rows: number } {
    return { cols: this.terminal.cols, rows: this.terminal.rows };
  }

  write(bytes: Uint8Array, drawn: () => void): void {
    this.terminal.write(bytes, drawn);
  }

  startAnew(): void {
    const fullScreen = this.terminal.buffer.active.type === 'alternate';
    this.terminal.write((fullScreen ? TO_MAIN_SCREEN : '') + ANEW);
  }

  paint(dark: boolean): void {
    this.terminal.options.theme = dark ? DARK : LIGHT;
  }

  focus(): void {
    this.terminal.focus();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.watch.disconnect();
    this.fit.dispose();
    this.terminal.dispose();
  }
}

const LIGHT: ITheme = {
  background: '#ffffff',
  foreground: '#22272b',
  cursor: '#22272b',
  cursorAccent: '#ffffff',
  selectionBackground: '#b3d7ff',
  black: '#22272b',
  red: '#b3261e',
  green: '#1b6e3c',
  yellow: '#7a5a00',
  blue: '#1f55b5',
  magenta: '#8a2a8f',
  cyan: '#0b6b75',
  white: '#6b747d',
  brightBlack: '#58626b',
  brightRed: '#c93a31',
  brightGreen: '#26804a',
  brightYellow: '#8a6700',
  brightBlue: '#2f68cc',
  brightMagenta: '#a03fa5',
  brightCyan: '#147d88',
  brightWhite: '#3c444b',
};

const DARK: ITheme = {
  background: '#14171a',
  foreground: '#e6e9ec',
  cursor: '#e6e9ec',
  cursorAccent: '#14171a',
  selectionBackground: '#34526f',
  black: '#2b3238',
  red: '#ff7b72',
  green: '#63c98a',
  yellow: '#dcb45a',
  blue: '#7aaeff',
  magenta: '#d58adf',
  cyan: '#5cc5d1',
  white: '#c3cad0',
  brightBlack: '#8a949d',
  brightRed: '#ff9d96',
  brightGreen: '#86dca7',
  brightYellow: '#ecca80',
  brightBlue: '#a0c5ff',
  brightMagenta: '#e4aaec',
  brightCyan: '#86dae4',
  brightWhite: '#ffffff',
};
