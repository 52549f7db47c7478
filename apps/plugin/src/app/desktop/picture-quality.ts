/** JPEG quality and effort of compression, as RFB's pseudo-encodings count them: 0 to 9. */
export interface PictureQuality {
  readonly quality: number;
  readonly compression: number;
}

/** From the thinnest link to the best: less quality, then more work for fewer bytes. */
export const QUALITY_LEVELS: readonly PictureQuality[] = [
  { quality: 1, compression: 9 },
  { quality: 3, compression: 7 },
  { quality: 5, compression: 4 },
  { quality: 6, compression: 2 },
  { quality: 8, compression: 1 },
];

/** What noVNC starts with: fit for most links. */
const FIRST_LEVEL = 3;

/** A round trip that is longer than the best one by this much stands in a queue of pictures. */
const CROWDED_MS = 200;

/** So close to the best one, nothing queues. */
const FREE_MS = 50;

/** One long answer is chance, two are a queue. */
const CROWDED_ANSWERS = 2;

/** Going up is tried slowly: a step too far costs a second of waiting. */
const FREE_ANSWERS = 8;

/**
 * Follows the link: when answers begin to queue behind pictures, pictures get smaller; when answers
 * come at once for a while, they get better. It needs no knowledge of the link's speed.
 */
export class AdaptiveQuality {
  private level = FIRST_LEVEL;
  private bestMs = Number.POSITIVE_INFINITY;
  private crowded = 0;
  private free = 0;

  get current(): PictureQuality {
    return QUALITY_LEVELS[this.level]!;
  }

  /**
   * Takes the time of one round trip.
   * @returns whether the quality has changed
   */
  answered(roundTripMs: number): boolean {
    this.bestMs = Math.min(this.bestMs, roundTripMs);
    const queuedMs = roundTripMs - this.bestMs;
    this.crowded = queuedMs > CROWDED_MS ? this.crowded + 1 : 0;
    this.free = queuedMs < FREE_MS ? this.free + 1 : 0;
    if (this.crowded >= CROWDED_ANSWERS) return this.step(-1);
    if (this.free >= FREE_ANSWERS) return this.step(1);
    return false;
  }

  private step(by: number): boolean {
    this.crowded = 0;
    this.free = 0;
    const before = this.level;
    this.level = Math.min(QUALITY_LEVELS.length - 1, Math.max(0, before + by));
    return this.level !== before;
  }
}
