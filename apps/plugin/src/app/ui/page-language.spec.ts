import { numberText, pageLanguage, timeText } from './page-language';

it.each([
  ['en', ['en-GB', 'de'], 'en-GB'],
  ['de', ['en-GB', 'de-AT'], 'de-AT'],
  ['de', ['en-US'], 'de'],
  ['de_DE', ['de-AT'], 'de-DE'],
  ['', ['en-US'], undefined],
  ['not a language', [], undefined],
])('a page in %j and a browser in %j give %j', (page, browser, language) => {
  expect(pageLanguage(page, browser)).toBe(language);
});

it('shows the date only of other days', () => {
  const now = new Date('2026-11-24T12:00:00');
  expect(timeText(new Date('2026-11-24T09:05:00'), now)).not.toContain('24');
  expect(timeText(new Date('2026-01-05T09:05:00'), now)).toContain('2026');
});

it('writes numbers in the language of the page', () => {
  document.documentElement.lang = 'de';
  expect(numberText(5.94, 1)).toBe('5,9');
  expect(numberText(9_000, 1)).toBe('9000,0');
  document.documentElement.lang = 'en';
  expect(numberText(5.94, 1)).toBe('5.9');
  expect(numberText(12)).toBe('12');
});
