/** Gives the numbers that name objects; a number is never given twice in a tenant. */
export class IdSequence {
  constructor(private last: number) {}

  next(): string {
    this.last += 1;
    return String(this.last);
  }

  /** Numbers up to this one are taken. */
  skipTo(taken: number): void {
    if (Number.isSafeInteger(taken) && taken > this.last) this.last = taken;
  }

  toJSON(): number {
    return this.last;
  }
}
