import { isDark } from './window-start';

/** Whether the user's system is dark. */
let systemIsDark = false;
beforeEach(() => {
  // Missing in jsdom.
  window.matchMedia = (query: string) =>
    ({ matches: query === '(prefers-color-scheme: dark)' && systemIsDark }) as MediaQueryList;
});

it.each<[theme: string | null, system: boolean, expected: boolean]>([
  ['dark', false, true],
  ['light', true, false],
  [null, true, false],
  ['system', true, true],
  ['system', false, false],
])(
  'with the theme %s on a system that is dark: %s, the window is dark: %s',
  (theme, system, expected) => {
    systemIsDark = system;
    expect(isDark(theme)).toBe(expected);
  },
);
