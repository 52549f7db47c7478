import { Refusal } from '../ui/refusal';
import type { Ended } from './session-state';
import { elapsed, endedHeading, endedReasons } from './session-words';

const END: Ended = { phase: 'ended', by: 'target', code: 'normal', text: '', wasOpen: true };

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

  it('give what to do where the platform refused', () => {
    const refusal = Refusal.of(404, undefined);
    expect(endedReasons({ ...END, refusal })).toEqual([refusal.words, refusal.advice]);
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
