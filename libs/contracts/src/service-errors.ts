import { entry, type ErrorEntry } from './error-entry';

/** What is wrong with the service itself or with the platform under it. */
export const SERVICE_ERRORS = {
  internal: entry(
    500,
    true,
    'Something went wrong in the remote access service. Try again; if it stays, tell your administrator.',
    'Unexpected: the log has the cause under the same correlation id.',
  ),
  'platform-failed': entry(
    502,
    true,
    'Cumulocity answered with an error. Try again later.',
    'The platform answered 5xx or broke the connection.',
  ),
  'no-key-material': entry(
    503,
    false,
    'Secrets cannot be stored: the service has no key for sealing them. Tell your administrator.',
    'Set the tenant options credentials.remoteaccess.encryption.password and .salt, or SEALING_PASSWORD and SEALING_SALT.',
  ),
  'shutting-down': entry(
    503,
    true,
    'The remote access service is being restarted. Connect again in a moment.',
    'The process received SIGTERM.',
  ),
  'platform-timeout': entry(
    504,
    true,
    'Cumulocity did not answer in time. Try again later.',
    'A call to the platform took more than 5 seconds.',
  ),
} as const satisfies Record<string, ErrorEntry>;
