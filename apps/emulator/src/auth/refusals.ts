import { PlatformRefusal } from './platform-refusal';

/** The refusals that occur in more than one area, worded as the platform words them. */
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
