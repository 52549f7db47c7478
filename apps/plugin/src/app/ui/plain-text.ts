/**
 * Characters that show nothing and change how others are shown: controls of C0 and C1, and those
 * that turn the direction of writing (Unicode UAX #9: embeddings, overrides, isolates and marks).
 */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The same, but for tabs and line ends. */
const INVISIBLE_IN_LINES =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text of somebody else as one line that shows what it says: cut where it is too long. */
export function plainLine(text: string, maxLength: number): string {
  const plain = text.replace(INVISIBLE, '');
  return plain.length > maxLength ? `${plain.slice(0, maxLength - 1)}…` : plain;
}

/** A text of somebody else in its lines. */
export function plainLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replace(INVISIBLE_IN_LINES, '');
}
