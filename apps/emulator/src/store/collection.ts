/** A change of the state that real time publishes. */
export interface Change {
  readonly tenant: string;
  readonly area: 'operations' | 'managedobjects' | 'alarms' | 'events';
  /** The device; for a managed object its own id. */
  readonly deviceId: string;
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE';
  /** The whole object after the change; for DELETE its id. */
  readonly data: unknown;
}

/** Reports changes to all listeners, in order. */
export class Changes {
  private readonly listeners = new Set<(change: Change) => void>();

  /** @returns a function that removes the listener */
  on(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  announce(change: Change): void {
    for (const listener of [...this.listeners]) listener(change);
  }
}

/** Called by a collection when it changes. */
export interface CollectionEvents<Item> {
  /** Called after every change, to save it. */
  touched(): void;
  announce?(action: Change['action'], item: Item): void;
}

/** Objects of one kind in one tenant, by id, in order of creation. */
export class Collection<Item extends { id: string }> {
  private readonly items = new Map<string, Item>();

  constructor(
    private readonly events: CollectionEvents<Item>,
    items: readonly Item[] = [],
  ) {
    for (const item of items) this.items.set(item.id, item);
  }

  get(id: string): Item | undefined {
    return this.items.get(id);
  }

  list(): Item[] {
    return [...this.items.values()];
  }

  /** Adds or replaces an object. */
  put(item: Item): Item {
    const action = this.items.has(item.id) ? 'UPDATE' : 'CREATE';
    this.items.set(item.id, item);
    this.events.touched();
    this.events.announce?.(action, item);
    return item;
  }

  /** @returns whether the object existed */
  delete(id: string): boolean {
    const item = this.items.get(id);
    if (!item) return false;
    this.items.delete(id);
    this.events.touched();
    this.events.announce?.('DELETE', item);
    return true;
  }

  toJSON(): Item[] {
    return this.list();
  }
}
