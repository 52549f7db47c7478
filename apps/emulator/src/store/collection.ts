import type { Change } from './changes';

/** Called by a collection when it changes. */
export interface CollectionEvents<Item> {
  /** Called after every change, to save it. */
  touched(): void;
  announce?(action: Change['action'], item: Item): void;
}

/** Objects of one kind in one tenant, by id, in the order of their creation. */
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
