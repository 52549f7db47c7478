type Listener<Details extends unknown[]> = (...details: Details) => void;

type AnyListener = ((...details: never) => void) & {
  /** The function that was passed to `once`. */
  readonly original?: AnyListener;
};

/** Nothing, the only listener, or several; arrays are never modified, so they may be iterated. */
type Slot = AnyListener | readonly AnyListener[] | undefined;

/**
 * Has the methods of Node's `EventEmitter` that connections need, in a fifth of its memory:
 * `EventEmitter` keeps listeners in a hash table of half a kilobyte per instance.
 *
 * @typeParam Events the details of each event, by its name
 */
export class CompactEmitter<Events extends Record<keyof Events, unknown[]>> {
  /**
   * @param slots every event, each with `undefined`, as an object literal: V8 then keeps the
   *   listeners in the object itself
   */
  protected constructor(private readonly slots: Record<keyof Events, Slot>) {}

  on<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): this {
    this.add(event, listener);
    return this;
  }

  once<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): this {
    const first = (...details: Events[Name]): void => {
      this.off(event, first);
      listener.apply(this, details);
    };
    this.add(event, Object.assign(first, { original: listener }));
    return this;
  }

  off<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): this {
    const rest = listed(this.slots[event]).filter(
      one => one !== listener && one.original !== listener,
    );
    this.slots[event] = rest.length > 1 ? rest : rest[0];
    return this;
  }

  /**
   * Calls the listeners in the order in which they were added, with the emitter as `this`. An
   * `error` without a listener is thrown.
   */
  protected emit<Name extends keyof Events>(event: Name, ...details: Events[Name]): void {
    const slot: Slot = this.slots[event];
    if (slot === undefined) {
      if (event === 'error') throw details[0];
    } else if (typeof slot === 'function') {
      slot.apply(this, details as never);
    } else {
      for (const listener of slot) listener.apply(this, details as never);
    }
  }

  private add(event: keyof Events, listener: AnyListener): void {
    const before = listed(this.slots[event]);
    this.slots[event] = before.length === 0 ? listener : [...before, listener];
  }
}

function listed(slot: Slot): readonly AnyListener[] {
  if (slot === undefined) return [];
  return typeof slot === 'function' ? [slot] : slot;
}
