import type { SessionTarget } from '../session/session-target';

/** Item in the window's session storage, which survives reloads and crashes. */
const ITEM = 'remoteaccess.tabs';

export interface SavedTab {
  readonly id: string;
  readonly target: SessionTarget;
}

export interface SavedLayout {
  /** Identifies the window: a duplicated window has a copy of the storage. */
  readonly page: string;
  /** The tabs with a running session, in order. */
  readonly tabs: readonly SavedTab[];
  readonly active: string;
  /** The two tabs that are side by side; empty if there are none. */
  readonly split: readonly string[];
  readonly share: number;
}

/**
 * Keeps the tabs of a page in its window's storage, so that a reload restores those whose sessions
 * are running. The storage may be full or forbidden: then fewer or none are restored.
 */
export class SavedTabs {
  /**
   * @param storage throws if the browser forbids access
   * @param user other users' tabs are never shown
   * @param kind pop-up windows begin with a copy of their opener's storage
   */
  constructor(
    private readonly storage: () => Storage,
    private readonly user: string,
    private readonly kind: 'page' | 'popup',
  ) {}

  save(layout: SavedLayout): void {
    try {
      this.storage().setItem(this.item, JSON.stringify({ user: this.user, ...layout }));
    } catch {
      // An outdated layout would restore the wrong tabs.
      this.forget();
    }
  }

  /** @returns `undefined` if this user has none */
  read(): SavedLayout | undefined {
    const { user, page, tabs, active, split, share } = this.parse();
    const isOurs = user === this.user && typeof page === 'string' && typeof active === 'string';
    if (!isOurs || !Array.isArray(tabs) || !Array.isArray(split)) return undefined;
    return {
      page,
      tabs: tabs.filter(isSavedTab),
      active,
      split: split.filter(id => typeof id === 'string'),
      share: Number(share),
    };
  }

  forget(): void {
    try {
      this.storage().removeItem(this.item);
    } catch {
      // If nothing can be removed, nothing was stored.
    }
  }

  private get item(): string {
    return this.kind === 'popup' ? `${ITEM}.popup` : ITEM;
  }

  private parse(): Readonly<Record<string, unknown>> {
    try {
      return Object(JSON.parse(this.storage().getItem(this.item) ?? '{}')) as Record<
        string,
        unknown
      >;
    } catch {
      return {};
    }
  }
}

/** The storage may contain anything. */
function isSavedTab(value: unknown): value is SavedTab {
  const { id, target } = Object(value) as Readonly<Record<string, unknown>>;
  const fields = Object(target) as Readonly<Record<string, unknown>>;
  const { sessionId } = Object(fields['watch'] ?? { sessionId: '' }) as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    /^\d{1,9}$/.test(id) &&
    ['deviceId', 'gateway', 'endpointId'].every(field => typeof fields[field] === 'string') &&
    typeof sessionId === 'string'
  );
}
