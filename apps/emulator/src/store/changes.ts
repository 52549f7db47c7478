/** One change of the state that real time announces. */
export interface Change {
  readonly tenant: string;
  readonly area: 'operations' | 'managedobjects' | 'alarms' | 'events';
  /** The device; for managed objects the object itself. */
  readonly deviceId: string;
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE';
  /** The whole object as it is now; for DELETE its id. */
  readonly data: unknown;
}

/** Tells everybody who listens about each change, in the order of the changes. */
export class Changes {
  private readonly listeners = new Set<(change: Change) => void>();

  /** @returns what ends the listening */
  on(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  announce(change: Change): void {
    for (const listener of [...this.listeners]) listener(change);
  }
}
