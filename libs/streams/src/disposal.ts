/** Resources to release at the end of something: sockets, timers, subscriptions. */
export class Disposables {
  private readonly releases = new Set<() => void>();
  private disposed = false;

  /**
   * Registers a release. It runs immediately if everything has already been disposed of.
   * @returns a function that runs it early and forgets it
   */
  add(release: () => void): () => void {
    if (this.disposed) release();
    else this.releases.add(release);
    return () => {
      if (this.releases.delete(release)) release();
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
    const releases = [...this.releases].reverse();
    this.releases.clear();
    for (const release of releases) release();
  }
}
