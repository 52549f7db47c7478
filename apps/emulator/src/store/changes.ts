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
