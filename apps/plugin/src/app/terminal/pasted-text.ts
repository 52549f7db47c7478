/**
 * Everything of C0 but tab and line ends, delete, and C1: none of it is text that somebody meant
 * to paste, and ESC [ 2 0 1 ~ would end a bracketed paste and have the rest run as if typed.
 */
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** What a person wants to paste, as it may go to a terminal. */
export interface PastedText {
  /** Without control characters; line ends as they came. */
  readonly text: string;
  readonly lines: number;
  readonly removedControls: number;
  /** Whether a line ends within it: a shell may run what stands before. */
  readonly runs: boolean;
}

export function pastedText(clipboard: string): PastedText {
  const text = clipboard.replace(CONTROLS, '');
  const [, ...more] = text.split(/\r\n|\r|\n/);
  const lines = more.at(-1) === '' ? more.length : more.length + 1;
  return { text, lines, removedControls: clipboard.length - text.length, runs: more.length > 0 };
}
