import { entry, type ErrorEntry } from './error-entry';

/** What is wrong with a request, or who may not make it. */
export const REQUEST_ERRORS = {
  'malformed-request': entry(
    400,
    false,
    'The request could not be understood.',
    'The body is no JSON object or a parameter has the wrong form; the detail says which.',
  ),
  unauthenticated: entry(
    401,
    false,
    'Sign in again: the credentials are missing, wrong or have expired.',
    'The platform answered 401 for these credentials, or none were sent.',
  ),
  'ticket-invalid': entry(
    401,
    true,
    'The ticket for this connection has been used or has expired. Connect again.',
    'Tickets serve once, for 30 seconds, for one endpoint and one origin.',
  ),
  forbidden: entry(
    403,
    false,
    'You do not have the permissions for this. Ask your administrator.',
    'The detail names the roles that are missing.',
  ),
  'remote-access-off': entry(
    403,
    false,
    'Remote access is switched off for your tenant. Ask your administrator.',
    'The tenant option remoteaccess.enabled is false: Administration, Settings, Remote access.',
  ),
  'foreign-origin': entry(
    403,
    false,
    'This page may not open remote connections.',
    'The Origin header is neither the own host nor listed in ALLOWED_ORIGINS. Behind a proxy, check TRUSTED_PROXIES.',
  ),
  'not-found': entry(404, false, 'There is nothing at this address.', 'No route matches the path.'),
  'device-not-found': entry(
    404,
    false,
    'The device does not exist or you may not see it.',
    'The platform answered 404 for the managed object with the credentials of the caller.',
  ),
  'endpoint-not-found': entry(
    404,
    false,
    'The endpoint does not exist. It may have been removed.',
    'No entry with this id in c8y_RemoteAccessList of the managed object.',
  ),
  'session-not-found': entry(
    404,
    false,
    'The session does not run any more.',
    'No session of this id on the device, or it is of another user.',
  ),
  'key-not-claimable': entry(
    404,
    false,
    'The connection key is unknown, used or has expired.',
    'A device dialled with a key that no session waits for: too late, twice, or guessed.',
  ),
  'method-not-allowed': entry(
    405,
    false,
    'This address does not take that method.',
    'A WebSocket route was called without an upgrade, or a plain route with one.',
  ),
  conflict: entry(
    409,
    true,
    'The device was changed by somebody else at the same time. Reload and try again.',
    'Writing the managed object was refused with a conflict.',
  ),
  'payload-too-large': entry(
    413,
    false,
    'The request is too large.',
    'Bodies are limited to 1 MiB, WebSocket messages to 16 MiB.',
  ),
  'unsupported-media-type': entry(
    415,
    false,
    'The request body must be JSON (Content-Type: application/json).',
    'A body arrived with another Content-Type.',
  ),
  'invalid-endpoint': entry(
    422,
    false,
    'The endpoint is not valid.',
    'The detail names each field and what is wrong with it.',
  ),
  'invalid-settings': entry(
    422,
    false,
    'The settings are not valid.',
    'The detail names each setting and what is wrong with it.',
  ),
  'invalid-key': entry(
    422,
    false,
    'The key cannot be used.',
    'The detail says what is wrong with the key, certificate or host key that was given.',
  ),
  'passphrase-needed': entry(
    422,
    false,
    'The passphrase of the private key is missing or wrong.',
    'An encrypted private key needs the field passphrase beside it; the passphrase is not stored.',
  ),
  'not-capable': entry(
    422,
    false,
    'This device does not support remote access.',
    'c8y_SupportedOperations of the managed object lacks c8y_RemoteAccessConnect.',
  ),
  'protocol-not-allowed': entry(
    422,
    false,
    'The gateway does not allow this protocol.',
    'c8y_RemoteAccessSupportedProtocols of the managed object does not list it.',
  ),
  'notice-not-accepted': entry(
    428,
    false,
    'Read and accept the notice of your administrator first, then connect.',
    'The body of the ticket request needs noticeAccepted, the noticeId of GET /settings as it is now.',
  ),
  'too-many-requests': entry(
    429,
    true,
    'Too many attempts. Wait a moment and try again.',
    'A limit of failed sign-ins, keys or sessions was reached.',
  ),
} as const satisfies Record<string, ErrorEntry>;
