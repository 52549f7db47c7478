/** The platform's refusal, with its own words. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';

  constructor(
    readonly status: number,
    what: string,
  ) {
    super(`the platform answered ${status}: ${what}`);
  }
}
