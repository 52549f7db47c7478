/** Resources to release at the end of something: sockets, timers, subscriptions. */
export class Disposables {
  /** An array: for the few entries of a session it takes a fraction of a Set's memory. */
  private releases: (() => void)[] = [];
  private disposed = false;

  /**
   * Registers a release. It runs immediately if everything has already been disposed of.
   * @returns a function that runs it early and unregisters it
   */
  add(release: () => void): () => void {
    if (this.disposed) release();
    else this.releases.push(release);
    return () => {
      const at = this.releases.indexOf(release);
      if (at === -1) return;
      this.releases.splice(at, 1);
      release();
    };
  }

  /**
   * A timer that is cleared with the rest.
   * @returns a function that clears it early
   */
  timeout(action: () => void, delayMs: number): () => void {
    const timer = setTimeout(() => {
      end();
      action();
    }, delayMs);
    const end = this.add(() => clearTimeout(timer));
    return end;
  }

  /** An interval that is cleared with the rest. */
  interval(action: () => void, periodMs: number): void {
    const timer = setInterval(action, periodMs);
    this.add(() => clearInterval(timer));
  }

  /** Runs every release once, in reverse order. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    const releases = this.releases.reverse();
    this.releases = [];
    for (const release of releases) release();
  }
}
