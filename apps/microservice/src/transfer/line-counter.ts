const LF = 0x0a;
const CR = 0x0d;

/**
 * Tells on which line a record begins, as editors count: the parser's own count takes the line
 * ends inside a cell twice.
 */
export class LineCounter {
  private at = 0;
  private line = 1;

  constructor(private readonly bytes: Uint8Array) {}

  /** @param end where the record ends; that of the next one is further on */
  startOf(end: number): number {
    while (this.bytes[this.at] === LF || this.bytes[this.at] === CR) this.step();
    const start = this.line;
    while (this.at < end) this.step();
    return start;
  }

  private step(): void {
    const isPair = this.bytes[this.at] === CR && this.bytes[this.at + 1] === LF;
    const isEnd = this.bytes[this.at] === LF || (this.bytes[this.at] === CR && !isPair);
    if (isEnd) this.line += 1;
    this.at += 1;
  }
}
