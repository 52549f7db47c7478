/**
 * Characters that change the direction of the text after them (UAX #9), which can disguise file
 * names.
 */
const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Shown instead, so that the user can see that something was there. */
const REPLACEMENT = '\ufffd';

/**
 * Decodes UTF-8 output that may be split at any byte, and replaces characters that would reorder
 * the text.
 */
export class OutputDecoder {
  private decoder = newDecoder();

  decode(bytes: Uint8Array): string {
    return this.decoder.decode(bytes, { stream: true }).replace(DIRECTION_CONTROLS, REPLACEMENT);
  }

  /** Drops an incomplete character that an interrupted session may have left. */
  reset(): void {
    this.decoder = newDecoder();
  }
}

function newDecoder(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true });
}

/** The part of xterm.js's `IBuffer` that {@link screenText} needs. */
export interface ScreenLines {
  readonly length: number;
  getLine(index: number): ScreenLine | undefined;
}

export interface ScreenLine {
  /** Whether this line continues the previous one. */
  readonly isWrapped: boolean;
  translateToString(trimRight?: boolean): string;
}

/** The content of a terminal as a text file: wrapped lines joined, trailing empty lines removed. */
export function screenText(lines: ScreenLines): string {
  const texts: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines.getLine(index);
    if (!line) continue;
    const continues = lines.getLine(index + 1)?.isWrapped === true;
    const text = line.translateToString(!continues);
    const before = line.isWrapped ? (texts.pop() ?? '') : '';
    texts.push(before + text);
  }
  const end = texts.findLastIndex(text => text !== '');
  return texts
    .slice(0, end + 1)
    .map(text => `${text}\n`)
    .join('');
}
