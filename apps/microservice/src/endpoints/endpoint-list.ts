import type { EndpointId } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { StoredEntry } from './stored-entry';

/** The endpoints on one gateway's managed object, in their order. */
export class EndpointList {
  private constructor(
    readonly entries: readonly StoredEntry[],
    private readonly lastId: number,
  ) {}

  static of(managedObject: ManagedObject): EndpointList {
    const stored = managedObject[FRAGMENTS.list] ?? [];
    // Something else than a list is kept as one damaged entry rather than overwritten.
    const raw: readonly unknown[] = Array.isArray(stored) ? stored : [stored];
    const taken = new Set<EndpointId>();
    const entries = raw.map(one => {
      const entry = new StoredEntry(one, taken);
      taken.add(entry.id);
      return entry;
    });
    const numbers = [...taken, String(managedObject[FRAGMENTS.listLastId])].filter(isCount);
    return new EndpointList(entries, Math.max(0, ...numbers.map(Number)));
  }

  find(id: EndpointId): StoredEntry | undefined {
    return this.entries.find(entry => entry.id === id);
  }

  /** An id that no endpoint of this gateway has or had. */
  nextId(): EndpointId {
    return String(this.lastId + 1);
  }

  with(entry: StoredEntry): EndpointList {
    const known = this.find(entry.id) !== undefined;
    const entries = known
      ? this.entries.map(one => (one.id === entry.id ? entry : one))
      : [...this.entries, entry];
    return new EndpointList(entries, Math.max(this.lastId, isCount(entry.id) ? +entry.id : 0));
  }

  without(id: EndpointId): EndpointList {
    return new EndpointList(
      this.entries.filter(entry => entry.id !== id),
      this.lastId,
    );
  }

  /** What is written to the managed object. */
  fragments(): Record<string, unknown> {
    return {
      [FRAGMENTS.list]: this.entries.map(({ raw }) => raw),
      [FRAGMENTS.listLastId]: this.lastId,
    };
  }
}

/** Ids of ours: counted up, short enough to stay exact. */
function isCount(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
