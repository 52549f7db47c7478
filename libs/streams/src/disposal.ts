/** What must be given back at the end of something: sockets, timers, subscriptions. */
export class Disposables {
  private readonly releases: (() => void)[] = [];
  private disposed = false;

  /** Registers a release; it runs at once when all has been disposed of already. */
  add(release: () => void): void {
    if (this.disposed) release();
    else this.releases.push(release);
  }

  /** A timer that dies with the rest. */
  timeout(action: () => void, delayMs: number): void {
    const timer = setTimeout(action, delayMs);
    this.add(() => clearTimeout(timer));
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
    for (const release of this.releases.splice(0).reverse()) release();
  }
}
