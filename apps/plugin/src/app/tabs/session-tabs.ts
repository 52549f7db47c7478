import { computed, signal } from '@angular/core';
import type { Endpoint } from '@remote-access/contracts';
import { isUnderWay, type SessionState } from '../session/connection/session-machine';
import type { SessionTarget } from '../session/session-target';
import type { SavedLayout } from './saved-tabs';

/** Each tab needs a connection and the memory of a terminal or a screen. */
export const MAX_TABS = 10;

/**
 * Limits for the share of two sessions side by side, so that neither becomes too small to use. In
 * percent.
 */
export const SHARE = { min: 20, max: 80, initial: 50 } as const;

/** A tab of the page, with what its session has reported. */
export class SessionTab {
  readonly endpoint = signal<Endpoint | undefined>(undefined);
  readonly state = signal<SessionState>({ phase: 'idle' });
  /** Something has happened that the user has not seen. */
  readonly needsAttention = signal(false);

  constructor(
    /** An increasing number, unique within the window. */
    readonly id: string,
    readonly target: SessionTarget,
    /** A session that cannot be resumed begins when the user looks at it. */
    readonly isRestored = false,
  ) {}

  /** The tab was restored, and its session has not begun. */
  isWaiting(): boolean {
    return this.isRestored && this.state().phase === 'idle';
  }
}

/** Two tabs side by side, in this order. */
export type Split = readonly [SessionTab, SessionTab];

/** The tabs of a page: their order, which one is active, and which two are side by side. */
export class SessionTabs {
  private readonly tabs = signal<readonly SessionTab[]>([]);
  private readonly current = signal<SessionTab | undefined>(undefined);
  private readonly pair = signal<Split | undefined>(undefined);
  private readonly percent = signal<number>(SHARE.initial);
  private lastId = 0;
  /** Most recently used first. */
  private used: readonly SessionTab[] = [];

  /** In the order in which they are shown. */
  readonly list = this.tabs.asReadonly();
  /** The tab that receives the user's input. */
  readonly active = this.current.asReadonly();
  /** The two tabs that are side by side. The pair is kept while another tab is shown instead. */
  readonly split = this.pair.asReadonly();
  /** The first tab's share of the space, in percent. */
  readonly share = this.percent.asReadonly();
  /** The tabs that are visible. */
  readonly shown = computed((): readonly SessionTab[] => {
    const [active, split] = [this.active(), this.split()];
    if (!active) return [];
    return split?.includes(active) ? split : [active];
  });
  readonly isFull = computed(() => this.list().length >= MAX_TABS);

  /** Adds a tab at the end. Callers check {@link isFull} first. */
  open(target: SessionTarget): SessionTab {
    const tab = new SessionTab(String(++this.lastId), target);
    this.tabs.update(tabs => [...tabs, tab]);
    return tab;
  }

  /** The layout to store; a reload restores the tabs whose sessions are running. */
  layout(page: string): SavedLayout {
    const running = this.list().filter(tab => isUnderWay(tab.state()) || tab.isWaiting());
    return {
      page,
      tabs: running.map(({ id, target: { takeOver: _, ...target } }) => ({ id, target })),
      active: this.active()?.id ?? '',
      split: this.split()?.map(({ id }) => id) ?? [],
      share: this.share(),
    };
  }

  /** Restores the tabs in a page that has none yet. */
  restore({ tabs, active, split, share }: SavedLayout): void {
    const restored = tabs
      .slice(0, MAX_TABS)
      .map(({ id, target }) => new SessionTab(id, target, true));
    const withId = (id: string): SessionTab | undefined => restored.find(tab => tab.id === id);
    this.lastId = Math.max(0, ...restored.map(({ id }) => Number(id)));
    this.tabs.set(restored);
    const [first, second] = split.map(withId);
    if (first && second && first !== second) this.pair.set([first, second]);
    this.resize(share);
    const used = withId(active);
    if (used) this.activate(used);
  }

  /** A tab with this target; the most recently used one if there are several. */
  find({ deviceId, endpointId, watch }: SessionTarget): SessionTab | undefined {
    const isThere = ({ target }: SessionTab): boolean =>
      target.deviceId === deviceId &&
      target.endpointId === endpointId &&
      target.watch?.sessionId === watch?.sessionId;
    return this.used.find(isThere) ?? this.list().find(isThere);
  }

  activate(tab: SessionTab): void {
    this.used = [tab, ...this.used.filter(one => one !== tab)];
    this.current.set(tab);
    tab.needsAttention.set(false);
  }

  /** @param by how many places further; wraps around */
  neighbour(by: number): SessionTab | undefined {
    const [list, active] = [this.list(), this.active()];
    if (!active) return undefined;
    return list[(list.indexOf(active) + by + list.length) % list.length];
  }

  /** If the removed tab was active, the most recently used other tab becomes active. */
  remove(tab: SessionTab): void {
    const place = this.list().indexOf(tab);
    const split = this.split();
    const partner = split?.includes(tab) ? split.find(one => one !== tab) : undefined;
    this.tabs.update(tabs => tabs.filter(one => one !== tab));
    this.used = this.used.filter(one => one !== tab);
    if (partner) this.pair.set(undefined);
    if (this.active() !== tab) return;
    const next = partner ?? this.used[0] ?? this.list()[Math.min(place, this.list().length - 1)];
    if (next) this.activate(next);
    else this.current.set(undefined);
  }

  /** @param place its new index; limited to the existing range */
  move(tab: SessionTab, place: number): void {
    const others = this.list().filter(one => one !== tab);
    const at = Math.max(0, Math.min(place, others.length));
    this.tabs.set([...others.slice(0, at), tab, ...others.slice(at)]);
  }

  /** Shows another tab next to the active one: the given one, or the most recently used. */
  splitWith(other = this.previous()): void {
    const active = this.active();
    if (!active || !other || other === active) return;
    const list = this.list();
    const isBefore = list.indexOf(active) < list.indexOf(other);
    this.pair.set(isBefore ? [active, other] : [other, active]);
    other.needsAttention.set(false);
  }

  unsplit(): void {
    this.pair.set(undefined);
  }

  resize(percent: number): void {
    this.percent.set(
      Math.round(Math.max(SHARE.min, Math.min(SHARE.max, percent || SHARE.initial))),
    );
  }

  private previous(): SessionTab | undefined {
    const others = this.list().filter(tab => tab !== this.active());
    return this.used.find(tab => others.includes(tab)) ?? others[0];
  }
}
