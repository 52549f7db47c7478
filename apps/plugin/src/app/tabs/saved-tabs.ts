import type { SessionTarget } from '../session/session-target';

/** Item of the window's session storage, which a reload and a crash survive. */
const ITEM = 'remoteaccess.tabs';

export interface SavedTab {
  readonly id: string;
  readonly target: SessionTarget;
}

export interface SavedLayout {
  /** Names the window: a duplicated one has a copy of the storage. */
  readonly page: string;
  /** Those with a running session, in their order. */
  readonly tabs: readonly SavedTab[];
  readonly active: string;
  /** The two that are side by side; empty if there are none. */
  readonly split: readonly string[];
  readonly share: number;
}

/**
 * Keeps the tabs of a page in the storage of its window, so that a reload brings back those whose
 * sessions run. The storage may be full or forbidden: then it brings back fewer, or none.
 */
export class SavedTabs {
  /**
   * @param storage throws where the browser forbids it
   * @param user nobody else's tabs are ever shown
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
      // A layout of before would bring back the wrong tabs.
      this.forget();
    }
  }

  /** @returns `undefined` if there is none of this user */
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
      // Where nothing can be removed, nothing was stored.
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

/** The storage may hold anything. */
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
