import type { PadKey } from './key-pad';
import type { TerminalPreferences } from './terminal-preferences';

/** A terminal on the page: what a session needs of it, whatever draws it. */
export interface TerminalScreen {
  readonly size: { cols: number; rows: number };
  /** Draws output, in order; `drawn` is called when it has been taken in. */
  write(bytes: Uint8Array, drawn: () => void): void;
  /** Leaves full-screen programs' modes behind and begins a new line. What was read stays. */
  startAnew(): void;
  apply(preferences: TerminalPreferences, dark: boolean): void;
  /** Marks what is found, and shows the next one. */
  find(wanted: Wanted): void;
  endSearch(): void;
  copy(): void;
  /** Pastes as if it had been typed, within brackets where the program has asked for them. */
  paste(text: string): void;
  /** Presses a key that the keyboard lacks. */
  press(key: PadKey): void;
  toggleCtrl(): void;
  /** All that can be read, as a text. */
  text(): string;
  focus(): void;
  dispose(): void;
}

/** What is looked for in a terminal. */
export interface Wanted {
  readonly text: string;
  readonly matchCase: boolean;
  /** From the place that is shown; `newest` begins at the end. */
  readonly towards: 'newest' | 'older' | 'newer';
}

/** Which of the places that were found is shown, from 0, and how many there are. */
export interface Found {
  readonly index: number;
  readonly count: number;
}

/** What happens at a terminal. Texts come from the program or a clipboard: never markup. */
export interface TerminalListener {
  typed(bytes: Uint8Array<ArrayBuffer>): void;
  resized(cols: number, rows: number): void;
  /** Wants the keyboard back: Tab belongs to the terminal. */
  left(): void;
  searchWanted(): void;
  found(found: Found): void;
  fontSizeWanted(step: 'larger' | 'smaller' | 'usual-size'): void;
  /** The program named itself. */
  titled(title: string): void;
  rang(): void;
  /** The user pastes: it is not typed before {@link TerminalScreen.paste}. */
  pasted(text: string): void;
  /** A link was clicked; only http and https come here. */
  linkClicked(address: string): void;
  /** The program wants a text in the user's clipboard. */
  clipboardWanted(text: string): void;
  ctrlChanged(down: boolean): void;
}
