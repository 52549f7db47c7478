import { SETTING_LIMITS } from '@remote-access/contracts';
import { joinNotice, NOTICE_KEYS, splitNotice } from './notice-parts';

const optionsOf = (notice: string | null): Record<string, string> =>
  Object.fromEntries(
    [...splitNotice(notice)].flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );

describe('a notice in options', () => {
  it('is one option while it is short', () => {
    expect(optionsOf('Be nice.')).toEqual({ 'remoteaccess.notice': 'Be nice.' });
    expect(optionsOf('a'.repeat(256))).toEqual({ 'remoteaccess.notice': 'a'.repeat(256) });
  });

  it('is no option without a text', () => {
    expect(splitNotice(null)).toEqual(new Map(NOTICE_KEYS.map(key => [key, null])));
    expect(joinNotice({})).toBeNull();
    expect(joinNotice({ 'remoteaccess.notice': '  ' })).toBeNull();
  });

  it.each([
    ['letters', 'a'.repeat(SETTING_LIMITS.notice)],
    ['words', 'Only for maintenance. '.repeat(90).slice(0, SETTING_LIMITS.notice).trim()],
    ['characters of two code units', '🙂'.repeat(SETTING_LIMITS.notice / 2)],
    ['many blank lines', `a${'\n'.repeat(SETTING_LIMITS.notice - 2)}b`],
  ])('of the greatest length fits, with %s', (_kind, notice) => {
    const options = optionsOf(notice);
    for (const value of Object.values(options)) {
      expect(value.length).toBeLessThanOrEqual(256);
      // Throws for half a character.
      expect(() => encodeURIComponent(value)).not.toThrow();
    }
    expect(joinNotice(options)).toBe(notice);
  });

  it('survives a platform that trims values', () => {
    const notice = 'Only for maintenance. '.repeat(60).trim();
    const trimmed = Object.entries(optionsOf(notice)).map(([key, value]) => [key, value.trim()]);
    expect(joinNotice(Object.fromEntries(trimmed) as Record<string, string>)).toBe(notice);
  });

  it('does not continue with the parts of another notice', () => {
    const options = optionsOf('b'.repeat(600));
    expect(joinNotice({ ...options, 'remoteaccess.notice': 'Short.' })).toBe('Short.');
    const without = { ...options };
    delete without['remoteaccess.notice.2'];
    expect(joinNotice(without)).toBe('b'.repeat(256));
  });
});
