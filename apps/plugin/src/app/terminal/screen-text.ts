/** The lines of a terminal, as xterm.js has them: long ones are wrapped into several. */
export interface ScreenLines {
  readonly length: number;
  getLine(index: number): ScreenLine | undefined;
}

export interface ScreenLine {
  /** Whether it goes on with the line before. */
  readonly isWrapped: boolean;
  translateToString(trimRight?: boolean): string;
}

/** All that can be read in a terminal, as a text file has it. */
export function screenText(lines: ScreenLines): string {
  const texts: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines.getLine(index);
    if (!line) continue;
    const goesOn = lines.getLine(index + 1)?.isWrapped === true;
    const text = line.translateToString(!goesOn);
    const begun = line.isWrapped ? (texts.pop() ?? '') : '';
    texts.push(begun + text);
  }
  const end = texts.findLastIndex(text => text !== '');
  return texts
    .slice(0, end + 1)
    .map(text => `${text}\n`)
    .join('');
}
