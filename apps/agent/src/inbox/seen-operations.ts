/** Many times what can be pending at once; older ones have long ended. */
const MAX_REMEMBERED = 10_000;

/** Remembers operations that were taken, so that none is taken twice. */
export class SeenOperations {
  private readonly ids = new Set<string>();

  /** @returns whether it is the first time */
  add(id: string): boolean {
    if (this.ids.has(id)) return false;
    this.ids.add(id);
    if (this.ids.size > MAX_REMEMBERED) {
      for (const oldest of this.ids) {
        this.ids.delete(oldest);
        break;
      }
    }
    return true;
  }
}
