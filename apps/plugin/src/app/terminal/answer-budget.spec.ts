import { AnswerBudget } from './answer-budget';

describe('AnswerBudget', () => {
  it('answers what an editor asks, and not what a flood asks', () => {
    const budget = new AnswerBudget(() => 0);
    const answered = Array.from({ length: 100_000 }, () => budget.take()).filter(Boolean);
    expect(answered).toHaveLength(50);
  });

  it('answers again in the next second, and no more for having been quiet', () => {
    let nowMs = 0;
    const budget = new AnswerBudget(() => nowMs);
    const answers = () => Array.from({ length: 1000 }, () => budget.take()).filter(Boolean).length;
    answers();
    nowMs = 100;
    expect(answers()).toBe(5);
    nowMs = 3_600_000;
    expect(answers()).toBe(50);
  });
});
