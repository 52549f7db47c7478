const INFO = 'https://www.cumulocity.com/guides/reference-guide/#error_reporting';

/** The platform's error body. */
export interface PlatformErrorBody {
  /** e.g. `security/Unauthorized`, `inventory/Not Found`. */
  error: string;
  message: string;
  info?: string;
}

/** An error response of the platform. It is returned, never thrown. */
export class PlatformRefusal {
  readonly body: PlatformErrorBody;

  /**
   * @param status HTTP status
   * @param error `area/Reason`, e.g. `security/Unauthorized`
   * @param headers additional response headers
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

/** The refusals that several resources share, with texts like the platform's. */
export const refusals = {
  unauthorized: (reason = 'Full authentication is required to access this resource') =>
    new PlatformRefusal(401, 'security/Unauthorized', reason),
  forbidden: () => new PlatformRefusal(403, 'security/Forbidden', 'Access is denied'),
  badRequest: (message: string) => new PlatformRefusal(400, 'general/badRequest', message),
  tooLarge: () => new PlatformRefusal(413, 'general/payloadTooLarge', 'Request body is too large'),
  invalid: (area: string, message: string) =>
    new PlatformRefusal(422, `${area}/Unprocessable Entity`, message),
  noManagedObject: (id: string) =>
    new PlatformRefusal(
      404,
      'inventory/notFound',
      `Finding device data from database failed : No managedObject for id '${id}'!`,
    ),
  notFound: (area: string, message: string) =>
    new PlatformRefusal(404, `${area}/Not Found`, message),
  notEmulated: (what: string) =>
    new PlatformRefusal(
      501,
      'emulator/Not Implemented',
      `The local platform does not emulate ${what}; see docs/emulator-differences.md`,
    ),
} as const;
