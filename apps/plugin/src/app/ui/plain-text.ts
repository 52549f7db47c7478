/**
 * Invisible characters that affect how others are shown: C0 and C1 controls, and those that change
 * the writing direction (Unicode UAX #9: embeddings, overrides, isolates and marks).
 */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The same, except for tabs and line breaks. */
const INVISIBLE_IN_LINES =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Turns an untrusted text into one line without invisible characters, truncated to `maxLength`. */
export function plainLine(text: string, maxLength: number): string {
  const plain = text.replace(INVISIBLE, '');
  return plain.length > maxLength ? `${plain.slice(0, maxLength - 1)}…` : plain;
}

/** Removes invisible characters from an untrusted text, but keeps its lines. */
export function plainLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replace(INVISIBLE_IN_LINES, '');
}

/**
 * Characters that a reader would not notice: controls except tabs and line feeds, and characters
 * that change the direction or the shape of others or are not shown at all.
 */
const UNNOTICED =
  /\r(?!\n)|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const LAST_C0 = 0x1f;
const DELETE = 0x7f;
/** Unicode's pictures of the control characters start here, in the same order. */
const CONTROL_PICTURES = 0x2400;

/**
 * Shows an untrusted text completely, with everything in it made visible: control characters as
 * their pictures, such as ␛, and other invisible characters as their code points, such as ⟨U+202E⟩.
 * Line breaks appear as ␊ only at the end of the text, where they would not be visible.
 */
export function revealedLines(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end -= 1;
  const lineEnds = text.slice(end).replace(/\r\n|\n/g, '␊\n');
  return `${text.slice(0, end)}${lineEnds}`.replace(UNNOTICED, found => {
    if (found === '\r') return '␍\n';
    const code = found.codePointAt(0)!;
    if (code <= LAST_C0) return String.fromCodePoint(CONTROL_PICTURES + code);
    if (code === DELETE) return '␡';
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}
