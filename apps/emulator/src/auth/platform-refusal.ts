import type { PlatformErrorBody } from '@remote-access/contracts/platform';

/** Where the platform's error bodies send their reader. */
const INFO = 'https://www.cumulocity.com/guides/reference-guide/#error_reporting';

/** A refusal in the platform's own words. A value: it is returned, never thrown. */
export class PlatformRefusal {
  readonly body: PlatformErrorBody;

  /**
   * @param status HTTP status
   * @param error `area/Reason`, e.g. `security/Unauthorized`
   * @param message what was wrong
   * @param headers further response headers
   */
  constructor(
    readonly status: number,
    readonly error: string,
    readonly message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    this.body = { error, message, info: INFO };
  }
}
