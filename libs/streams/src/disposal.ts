/** What must be given back at the end of something: sockets, timers, subscriptions. */
export class Disposables {
  private readonly releases = new Set<() => void>();
  private disposed = false;

  /**
   * Registers a release; it runs at once when all has been disposed of already.
   * @returns runs it before the rest, and holds it no longer
   */
  add(release: () => void): () => void {
    if (this.disposed) release();
    else this.releases.add(release);
    return () => {
      if (this.releases.delete(release)) release();
    };
  }

  /**
   * A timer that dies with the rest.
   * @returns ends it before
   */
  timeout(action: () => void, delayMs: number): () => void {
    const timer = setTimeout(() => {
      end();
      action();
    }, delayMs);
    const end = this.add(() => clearTimeout(timer));
    return end;
  }

  /** A repeating timer that dies with the rest. */
  interval(action: () => void, periodMs: number): void {
    const timer = setInterval(action, periodMs);
    this.add(() => clearInterval(timer));
  }

  /** Runs every release once, the newest first. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    const releases = [...this.releases].reverse();
    this.releases.clear();
    for (const release of releases) release();
  }
}
