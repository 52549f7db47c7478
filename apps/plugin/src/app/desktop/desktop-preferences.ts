import { SCALINGS, type Scaling } from './desktop-screen';
import { QUALITY_LEVELS } from './picture-quality';

const KEY = 'remote-access.desktop';

/** What a user has chosen for all desktops; kept in this browser. */
export interface DesktopPreferences {
  readonly scaling: Scaling;
  /** A level of {@link QUALITY_LEVELS}; `auto` follows the link. */
  readonly quality: number | 'auto';
  readonly dotCursor: boolean;
  /** Whether what is copied there can be pasted here, and the other way round. */
  readonly clipboardIn: boolean;
  readonly clipboardOut: boolean;
}

export const DEFAULT_PREFERENCES: DesktopPreferences = {
  scaling: 'fit',
  quality: 'auto',
  dotCursor: false,
  clipboardIn: true,
  clipboardOut: true,
};

/** @param store as `localStorage`: may throw, and may hold anything */
export function readPreferences(store: Pick<Storage, 'getItem'>): DesktopPreferences {
  const kept = parse(store);
  return {
    scaling: SCALINGS.find(scaling => scaling === kept['scaling']) ?? DEFAULT_PREFERENCES.scaling,
    quality: isLevel(kept['quality']) ? kept['quality'] : DEFAULT_PREFERENCES.quality,
    dotCursor: flag(kept, 'dotCursor'),
    clipboardIn: flag(kept, 'clipboardIn'),
    clipboardOut: flag(kept, 'clipboardOut'),
  };
}

export function keepPreferences(
  store: Pick<Storage, 'setItem'>,
  preferences: DesktopPreferences,
): void {
  try {
    store.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}

function parse(store: Pick<Storage, 'getItem'>): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(store.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isLevel(value: unknown): value is number {
  return Number.isInteger(value) && QUALITY_LEVELS[value as number] !== undefined;
}

function flag(
  kept: Record<string, unknown>,
  name: 'dotCursor' | 'clipboardIn' | 'clipboardOut',
): boolean {
  const value = kept[name];
  return typeof value === 'boolean' ? value : DEFAULT_PREFERENCES[name];
}
