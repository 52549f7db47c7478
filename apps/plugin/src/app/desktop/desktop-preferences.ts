import { booleanOr, readStored, writeStored } from '../ui/stored-preferences';
import { QUALITY_LEVELS } from './picture-quality';

const KEY = 'remote-access.desktop';

/** How to show a desktop that is larger or smaller than the page. */
export const SCALINGS = ['fit', 'remote', 'actual'] as const;
export type Scaling = (typeof SCALINGS)[number];

/** The user's preferences for all desktops, stored in this browser. */
export interface DesktopPreferences {
  readonly scaling: Scaling;
  /** An index of {@link QUALITY_LEVELS}, or `auto` to adapt to the connection. */
  readonly quality: number | 'auto';
  readonly dotCursor: boolean;
  /**
   * Whether text copied on the remote computer replaces the user's clipboard. Off by default: a
   * compromised machine could choose what the user pastes elsewhere.
   */
  readonly clipboardIn: boolean;
  /** Whether text copied by the user is sent to the remote computer. */
  readonly clipboardOut: boolean;
}

export const DEFAULT_PREFERENCES: DesktopPreferences = {
  scaling: 'fit',
  quality: 'auto',
  dotCursor: false,
  clipboardIn: false,
  clipboardOut: true,
};

export function readPreferences(store: Pick<Storage, 'getItem'>): DesktopPreferences {
  const stored = readStored(store, KEY);
  const { scaling, quality, dotCursor, clipboardIn, clipboardOut } = DEFAULT_PREFERENCES;
  return {
    scaling: SCALINGS.find(name => name === stored['scaling']) ?? scaling,
    quality: isLevel(stored['quality']) ? stored['quality'] : quality,
    dotCursor: booleanOr(stored['dotCursor'], dotCursor),
    clipboardIn: booleanOr(stored['clipboardIn'], clipboardIn),
    clipboardOut: booleanOr(stored['clipboardOut'], clipboardOut),
  };
}

export function storePreferences(
  store: Pick<Storage, 'setItem'>,
  preferences: DesktopPreferences,
): void {
  writeStored(store, KEY, preferences);
}

function isLevel(value: unknown): value is number {
  return Number.isInteger(value) && QUALITY_LEVELS[value as number] !== undefined;
}
