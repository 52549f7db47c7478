import { booleanOr, readStored, writeStored } from '../ui/stored-preferences';

const KEY = 'remote-access.terminal';

/** `product` follows the application's light or dark theme. */
export const THEME_CHOICES = ['product', 'light', 'dark', 'contrast'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

/** Pixels. Smaller text is illegible; with larger text, 80 columns fit on no screen. */
export const FONT_SIZES = { min: 8, default: 14, max: 32 } as const;

/** The user's preferences for all terminals, stored in this browser. */
export interface TerminalPreferences {
  readonly theme: ThemeChoice;
  readonly fontSizePx: number;
  readonly copyOnSelect: boolean;
  /** Ctrl+Shift+V always pastes. */
  readonly ctrlVPastes: boolean;
  readonly warnBeforePaste: boolean;
  /** Whether Alt is the Meta key; otherwise it types third-level characters. */
  readonly altIsMeta: boolean;
  readonly screenReader: boolean;
  readonly keyBar: boolean;
}

export type Flag = {
  [Name in keyof TerminalPreferences]: TerminalPreferences[Name] extends boolean ? Name : never;
}[keyof TerminalPreferences];

/** The user's computer, which determines the defaults. */
export interface Computer {
  /** On many Mac keyboards, Option types characters such as @ and [. */
  readonly isMac: boolean;
  readonly hasTouch: boolean;
}

export function thisComputer(): Computer {
  return {
    isMac: navigator.platform.startsWith('Mac'),
    hasTouch: window.matchMedia('(pointer: coarse)').matches,
  };
}

export function defaultPreferences({ isMac, hasTouch }: Computer): TerminalPreferences {
  return {
    theme: 'product',
    fontSizePx: FONT_SIZES.default,
    copyOnSelect: false,
    // On a Mac, Command+V pastes, and Ctrl+V is left to editors and shells.
    ctrlVPastes: !isMac,
    warnBeforePaste: true,
    altIsMeta: !isMac,
    screenReader: false,
    keyBar: hasTouch,
  };
}

export function readPreferences(
  store: Pick<Storage, 'getItem'>,
  computer: Computer,
): TerminalPreferences {
  const stored = readStored(store, KEY);
  const defaults = defaultPreferences(computer);
  const flag = (name: Flag): boolean => booleanOr(stored[name], defaults[name]);
  const fontSizePx = stored['fontSizePx'];
  return {
    theme: THEME_CHOICES.find(theme => theme === stored['theme']) ?? defaults.theme,
    fontSizePx: typeof fontSizePx === 'number' ? boundedFontSize(fontSizePx) : defaults.fontSizePx,
    copyOnSelect: flag('copyOnSelect'),
    ctrlVPastes: flag('ctrlVPastes'),
    warnBeforePaste: flag('warnBeforePaste'),
    altIsMeta: flag('altIsMeta'),
    screenReader: flag('screenReader'),
    keyBar: flag('keyBar'),
  };
}

export function storePreferences(
  store: Pick<Storage, 'setItem'>,
  preferences: TerminalPreferences,
): void {
  writeStored(store, KEY, preferences);
}

export function boundedFontSize(px: number): number {
  const whole = Number.isFinite(px) ? Math.round(px) : FONT_SIZES.default;
  return Math.min(FONT_SIZES.max, Math.max(FONT_SIZES.min, whole));
}
