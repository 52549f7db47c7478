import { Refusal } from '../ui/refusal';
import type { Ended } from './session-state';
import { elapsed, endedHeading, endedReasons, statusOf } from './session-words';

const END: Ended = {
  phase: 'ended',
  by: 'target',
  code: 'normal',
  text: '',
  hint: '',
  wasOpen: true,
  startedAtMs: 0,
  reachedAtMs: {},
  endedAfterMs: 0,
};

describe('the words of an end', () => {
  it.each(['client', 'gateway', 'target', 'service', 'platform', 'network'] as const)(
    'differ by whether %s ended an open session or kept it from opening',
    by => {
      const open = endedHeading({ ...END, by });
      const opening = endedHeading({ ...END, by, wasOpen: false });
      expect(open).not.toBe(opening);
    },
  );

  it('give the text of the service', () => {
    expect(endedReasons({ ...END, text: 'Bye.' })).toEqual([{ text: 'Bye.' }]);
  });

  it('give the exit status, 0 too, where the service did not', () => {
    expect(endedReasons({ ...END, exitStatus: 3, text: 'It ended with 3.' })).toHaveLength(1);
    expect(endedReasons({ ...END, exitStatus: 0 })).toEqual([
      { text: 'Exit status: {{ status }}.', values: { status: '0' } },
    ]);
  });

  it('give what to do where the platform refused', () => {
    const refusal = Refusal.of(404, undefined);
    expect(endedReasons({ ...END, refusal })).toEqual([refusal.words, refusal.advice]);
  });
});

describe('the status line', () => {
  const question = { type: 'prompt', id: 1, title: '', instructions: '', prompts: [] } as const;
  const facts = { startedAtMs: 0, reachedAtMs: {} };

  it('names what is waited for', () => {
    expect(statusOf({ phase: 'idle' })).toBe('');
    expect(statusOf({ phase: 'connecting', stage: 'gateway', ...facts })).toMatch(/gateway/);
    expect(statusOf({ phase: 'open', ...facts })).toBe('Connected');
    expect(statusOf(END)).toBe('Not connected');
  });

  it('says that it is the person who is waited for', () => {
    const asked = { ...facts, question: { ...question, prompts: [] } };
    expect(statusOf({ phase: 'connecting', stage: 'sign-in', ...asked })).toMatch(/your answer/);
    expect(statusOf({ phase: 'open', ...asked })).toMatch(/your answer/);
  });
});

describe('elapsed', () => {
  it.each([
    [-5, '0.0 s'],
    [340, '0.3 s'],
    [9_949, '9.9 s'],
    [12_700, '12 s'],
    [83_000, '1 min 23 s'],
  ])('words %p ms as %p', (ms, words) => {
    expect(elapsed(ms)).toBe(words);
  });
});
