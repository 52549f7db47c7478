/** Durations of a repeated action, in milliseconds. */
export class Measurement {
  private readonly samples: number[] = [];

  constructor(readonly what: string) {}

  /** Measures one run. */
  async take(action: () => Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    await action();
    this.samples.push(performance.now() - startedAt);
  }

  /** Adds a run that was measured elsewhere. */
  add(milliseconds: number): void {
    this.samples.push(milliseconds);
  }

  /** The value that this share of the samples does not exceed. */
  percentile(share: number): number {
    const sorted = [...this.samples].sort((left, right) => left - right);
    const at = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
    return sorted[Math.max(0, at)] ?? Number.NaN;
  }

  row(): Record<string, string | number> {
    const shown = (milliseconds: number): string => `${milliseconds.toFixed(2)} ms`;
    return {
      what: this.what,
      n: this.samples.length,
      p50: shown(this.percentile(0.5)),
      'p25–p75': `${this.percentile(0.25).toFixed(2)}–${shown(this.percentile(0.75))}`,
      p99: shown(this.percentile(0.99)),
      most: shown(this.percentile(1)),
    };
  }
}
