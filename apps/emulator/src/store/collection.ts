import type { Change } from './changes';

/** How a collection tells the store what happened in it. */
export interface CollectionEvents<Item> {
  /** Something changed and should be saved. */
  touched(): void;
  announce?(action: Change['action'], item: Item): void;
}

/** Objects of one sort in one tenant, by id, in the order of their creation. */
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

  /** Adds an object or puts another in its place, and announces it. */
  put(item: Item): Item {
    const action = this.items.has(item.id) ? 'UPDATE' : 'CREATE';
    this.items.set(item.id, item);
    this.events.touched();
    this.events.announce?.(action, item);
    return item;
  }

  /** @returns whether there was one */
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
