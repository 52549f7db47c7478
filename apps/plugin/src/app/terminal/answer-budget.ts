/**
 * Answers that a program may have at once, and again in each second. Editors ask some ten questions
 * when they start; a file that is shown may hold a million of them, and each would be typed.
 */
const ANSWERS_PER_SECOND = 50;

/** How many questions of a program the terminal answers. */
export class AnswerBudget {
  private left = ANSWERS_PER_SECOND;
  private countedAtMs: number;

  constructor(private readonly nowMs: () => number) {
    this.countedAtMs = nowMs();
  }

  /** @returns whether the next question is answered */
  take(): boolean {
    const nowMs = this.nowMs();
    const earned = ((nowMs - this.countedAtMs) / 1000) * ANSWERS_PER_SECOND;
    this.left = Math.min(ANSWERS_PER_SECOND, this.left + earned);
    this.countedAtMs = nowMs;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
