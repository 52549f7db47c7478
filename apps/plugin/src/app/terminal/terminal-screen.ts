/** A terminal on the page: what a session needs of it, whatever draws it. */
export interface TerminalScreen {
  readonly size: { cols: number; rows: number };
  /** Draws output, in order; `drawn` is called when it has been taken in. */
  write(bytes: Uint8Array, drawn: () => void): void;
  /** Leaves full-screen programs' modes behind and begins a new line. What was read stays. */
  startAnew(): void;
  paint(dark: boolean): void;
  focus(): void;
  dispose(): void;
}

/** What the user does at a terminal. */
export interface TerminalListener {
  typed(bytes: Uint8Array<ArrayBuffer>): void;
  resized(cols: number, rows: number): void;
  /** Wants the keyboard back: Tab belongs to the terminal, so Ctrl+F6 leads out of it. */
  left(): void;
}
