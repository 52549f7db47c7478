/** JPEG quality and compression effort, as in RFB's pseudo-encodings: 0 to 9. */
export interface PictureQuality {
  readonly quality: number;
  readonly compression: number;
}

/**
 * From the slowest connection to the fastest: slow ones get lower quality and more compression
 * effort.
 */
export const QUALITY_LEVELS: readonly PictureQuality[] = [
  { quality: 1, compression: 9 },
  { quality: 3, compression: 7 },
  { quality: 5, compression: 4 },
  { quality: 6, compression: 2 },
  { quality: 8, compression: 1 },
];

/** noVNC's default, which suits most connections. */
const INITIAL_LEVEL = 3;

/** A round trip that exceeds the best one by this much was queued behind pictures. */
const QUEUED_MS = 200;

/** A round trip this close to the best one was not queued. */
const IDLE_MS = 50;

/** One slow response may be chance, two indicate a queue. */
const QUEUED_ANSWERS = 2;

/** Quality is raised slowly: one step too far costs a second of delay. */
const IDLE_ANSWERS = 8;

/**
 * Adapts the quality to the connection without knowing its bandwidth: lowers it when responses
 * queue behind pictures, and raises it after a run of prompt responses.
 */
export class AdaptiveQuality {
  private level = INITIAL_LEVEL;
  private bestMs = Number.POSITIVE_INFINITY;
  private queuedAnswers = 0;
  private idleAnswers = 0;

  get current(): PictureQuality {
    return QUALITY_LEVELS[this.level]!;
  }

  /** @returns whether the quality has changed */
  answered(roundTripMs: number): boolean {
    this.bestMs = Math.min(this.bestMs, roundTripMs);
    const queuedMs = roundTripMs - this.bestMs;
    this.queuedAnswers = queuedMs > QUEUED_MS ? this.queuedAnswers + 1 : 0;
    this.idleAnswers = queuedMs < IDLE_MS ? this.idleAnswers + 1 : 0;
    if (this.queuedAnswers >= QUEUED_ANSWERS) return this.step(-1);
    if (this.idleAnswers >= IDLE_ANSWERS) return this.step(1);
    return false;
  }

  private step(by: number): boolean {
    this.queuedAnswers = 0;
    this.idleAnswers = 0;
    const before = this.level;
    this.level = Math.min(QUALITY_LEVELS.length - 1, Math.max(0, before + by));
    return this.level !== before;
  }
}
