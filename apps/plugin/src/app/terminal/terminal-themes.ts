import type { ITheme } from '@xterm/xterm';
import type { ThemeChoice } from './terminal-preferences';

/**
 * The colours of a terminal, and the minimum contrast to which a program's own colours are
 * adjusted.
 */
export interface TerminalTheme {
  readonly colours: ITheme;
  /** As WCAG defines it: 4.5 for text, 7 for enhanced contrast. */
  readonly minimumContrast: number;
  /** Backgrounds of search matches and of the current match: `#rrggbb`. */
  readonly match: string;
  readonly currentMatch: string;
}

/** The product's background colours, each with a palette that is readable on it. */
export const TERMINAL_THEMES = {
  light: {
    minimumContrast: 4.5,
    match: '#ffe7a3',
    currentMatch: '#ffb454',
    colours: {
      background: '#ffffff',
      foreground: '#22272b',
      cursor: '#22272b',
      cursorAccent: '#ffffff',
      selectionBackground: '#b3d7ff',
      black: '#22272b',
      red: '#b3261e',
      green: '#1b6e3c',
      yellow: '#7a5a00',
      blue: '#1f55b5',
      magenta: '#8a2a8f',
      cyan: '#0b6b75',
      white: '#6b747d',
      brightBlack: '#58626b',
      brightRed: '#c93a31',
      brightGreen: '#26804a',
      brightYellow: '#8a6700',
      brightBlue: '#2f68cc',
      brightMagenta: '#a03fa5',
      brightCyan: '#147d88',
      brightWhite: '#3c444b',
    },
  },
  dark: {
    minimumContrast: 4.5,
    match: '#5f4b00',
    currentMatch: '#0058b0',
    colours: {
      background: '#14171a',
      foreground: '#e6e9ec',
      cursor: '#e6e9ec',
      cursorAccent: '#14171a',
      selectionBackground: '#34526f',
      black: '#2b3238',
      red: '#ff7b72',
      green: '#63c98a',
      yellow: '#dcb45a',
      blue: '#7aaeff',
      magenta: '#d58adf',
      cyan: '#5cc5d1',
      white: '#c3cad0',
      brightBlack: '#8a949d',
      brightRed: '#ff9d96',
      brightGreen: '#86dca7',
      brightYellow: '#ecca80',
      brightBlue: '#a0c5ff',
      brightMagenta: '#e4aaec',
      brightCyan: '#86dae4',
      brightWhite: '#ffffff',
    },
  },
  contrast: {
    minimumContrast: 7,
    match: '#005f5f',
    currentMatch: '#0000d7',
    colours: {
      background: '#000000',
      foreground: '#ffffff',
      cursor: '#ffff00',
      cursorAccent: '#000000',
      selectionBackground: '#ffff00',
      selectionForeground: '#000000',
      black: '#000000',
      red: '#ff8080',
      green: '#5fff87',
      yellow: '#ffff5f',
      blue: '#87afff',
      magenta: '#ff87ff',
      cyan: '#5fffff',
      white: '#ffffff',
      brightBlack: '#c0c0c0',
      brightRed: '#ffafaf',
      brightGreen: '#afffaf',
      brightYellow: '#ffffaf',
      brightBlue: '#afd7ff',
      brightMagenta: '#ffd7ff',
      brightCyan: '#d7ffff',
      brightWhite: '#ffffff',
    },
  },
} as const satisfies Record<string, TerminalTheme>;

export type TerminalThemeName = keyof typeof TERMINAL_THEMES;

/** @param isDark whether the application is dark, for terminals that follow it */
export function shownTheme(chosen: ThemeChoice, isDark: boolean): TerminalThemeName {
  if (chosen !== 'product') return chosen;
  return isDark ? 'dark' : 'light';
}
