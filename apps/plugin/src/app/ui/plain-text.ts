/**
 * Invisible characters that change how others are shown: C0 and C1 controls, and those that change
 * the writing direction (Unicode UAX #9: embeddings, overrides, isolates and marks).
 */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The same, except for tabs and line ends. */
const INVISIBLE_IN_LINES =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Turns an untrusted text into one line without invisible characters, cut at `maxLength`. */
export function plainLine(text: string, maxLength: number): string {
  const plain = text.replace(INVISIBLE, '');
  return plain.length > maxLength ? `${plain.slice(0, maxLength - 1)}…` : plain;
}

/** Removes invisible characters from an untrusted text, and keeps its lines. */
export function plainLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replace(INVISIBLE_IN_LINES, '');
}
