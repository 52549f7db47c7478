/**
 * How much is drawn before it is told: an eighth of the window that docs/wire.md gives the
 * service, so that a flood never waits for an answer, and typing costs none.
 */
const ACK_EVERY_BYTES = 32 * 1024;

/**
 * What a service that does not wait for answers may pile up. xterm.js throws output away above
 * 50 MB; ending with a reason is better than a screen with holes.
 */
const GIVE_UP_ABOVE_BYTES = 32 * 1024 * 1024;

/** Counts what a session has shown, and tells the service, which sends no more than can be shown. */
export class OutputTally {
  private arrivedBytes = 0;
  private drawnBytes = 0;
  private toldBytes = 0;

  constructor(private readonly acknowledge: (bytes: number) => void) {}

  /** The service waits for nobody who has never told: a flood may be the first thing it sends. */
  begin(): void {
    this.acknowledge(0);
  }

  /** @returns false when there is too much to go on. */
  arrived(bytes: number): boolean {
    this.arrivedBytes += bytes;
    return this.arrivedBytes - this.drawnBytes <= GIVE_UP_ABOVE_BYTES;
  }

  drawn(bytes: number): void {
    this.drawnBytes += bytes;
    if (this.drawnBytes - this.toldBytes < ACK_EVERY_BYTES) return;
    this.toldBytes = this.drawnBytes;
    this.acknowledge(this.drawnBytes);
  }
}
