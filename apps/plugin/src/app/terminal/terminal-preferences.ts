const KEY = 'remote-access.terminal';

/** `product`: light or dark, as the product is shown. */
export const THEME_CHOICES = ['product', 'light', 'dark', 'contrast'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

/** Pixels. Below, letters are dots; above, 80 columns fit no screen. */
export const FONT_SIZES = { smallest: 8, usual: 14, largest: 32 } as const;

/** What a user has chosen for all terminals; kept in this browser. */
export interface TerminalPreferences {
  readonly theme: ThemeChoice;
  readonly fontSizePx: number;
  readonly copyOnSelect: boolean;
  readonly warnBeforePaste: boolean;
  /** Whether Alt is the Meta of programs, or writes the third signs of the keyboard. */
  readonly altIsMeta: boolean;
  readonly screenReader: boolean;
  /** A row of keys that touch keyboards lack. */
  readonly keyBar: boolean;
}

export type Flag = {
  [Name in keyof TerminalPreferences]: TerminalPreferences[Name] extends boolean ? Name : never;
}[keyof TerminalPreferences];

/** What nobody has chosen yet depends on the machine at hand. */
export interface Machine {
  /** There, Option writes signs such as @ and [ on many keyboards. */
  readonly isMac: boolean;
  readonly hasTouch: boolean;
}

export function defaultPreferences({ isMac, hasTouch }: Machine): TerminalPreferences {
  return {
    theme: 'product',
    fontSizePx: FONT_SIZES.usual,
    copyOnSelect: false,
    warnBeforePaste: true,
    altIsMeta: !isMac,
    screenReader: false,
    keyBar: hasTouch,
  };
}

/** @param store as `localStorage`: may throw, and may hold anything */
export function readPreferences(
  store: Pick<Storage, 'getItem'>,
  machine: Machine,
): TerminalPreferences {
  const kept = parse(store);
  const usual = defaultPreferences(machine);
  const flag = (name: Flag): boolean => {
    const value = kept[name];
    return typeof value === 'boolean' ? value : usual[name];
  };
  const fontSizePx = kept['fontSizePx'];
  return {
    theme: THEME_CHOICES.find(theme => theme === kept['theme']) ?? usual.theme,
    fontSizePx: typeof fontSizePx === 'number' ? boundedFontSize(fontSizePx) : usual.fontSizePx,
    copyOnSelect: flag('copyOnSelect'),
    warnBeforePaste: flag('warnBeforePaste'),
    altIsMeta: flag('altIsMeta'),
    screenReader: flag('screenReader'),
    keyBar: flag('keyBar'),
  };
}

export function keepPreferences(
  store: Pick<Storage, 'setItem'>,
  preferences: TerminalPreferences,
): void {
  try {
    store.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}

export function boundedFontSize(px: number): number {
  const whole = Number.isFinite(px) ? Math.round(px) : FONT_SIZES.usual;
  return Math.min(FONT_SIZES.largest, Math.max(FONT_SIZES.smallest, whole));
}

function parse(store: Pick<Storage, 'getItem'>): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(store.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
