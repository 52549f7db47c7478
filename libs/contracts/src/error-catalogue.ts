/** What can be refused or fail, and how each case is told over HTTP, WebSocket and in the UI. */
export interface ErrorEntry {
  /** Status of an HTTP answer, also of an upgrade that is refused. */
  readonly httpStatus: number;
  /** Close code of a client's WebSocket: 4000 + the HTTP status. */
  readonly closeCode: number;
  /** Whether trying again unchanged may help. */
  readonly retry: boolean;
  /** For the user: what happened and what to do. */
  readonly text: string;
  /** For who runs the service: where to look. */
  readonly hint: string;
}

const entry = (httpStatus: number, retry: boolean, text: string, hint: string): ErrorEntry => ({
  httpStatus,
  closeCode: 4000 + httpStatus,
  retry,
  text,
  hint,
});

/** Every error of the product by its code. A test holds `docs/errors.md` to this table. */
export const ERRORS = {
  // Requests.
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
  // Sessions.
  'access-withdrawn': entry(
    403,
    false,
    'Your access was withdrawn. Ask your administrator.',
    'The user was disabled or removed, or lost a role, while the session was running.',
  ),
  'session-terminated': entry(
    403,
    false,
    'The session was ended by an administrator.',
    'DELETE /devices/{deviceId}/sessions/{sessionId}; the audit log has who did it.',
  ),
  'idle-timeout': entry(
    408,
    true,
    'The session was idle for too long and was ended. Connect again.',
    'No byte went either way within remoteaccess.ws.idle.timeout.',
  ),
  'session-expired': entry(
    408,
    true,
    'The session has reached its longest duration and was ended. Connect again.',
    'The limit is remoteaccess.session.max-duration.',
  ),
  'question-unanswered': entry(
    408,
    true,
    'A question of the remote server was not answered in time. Connect again.',
    'A person has two minutes to answer a prompt or to judge a host key.',
  ),
  'endpoint-changed': entry(
    409,
    true,
    'The endpoint was changed while you were connected. Connect again.',
    'Its host, port or protocol is another one, or it may only be looked at now.',
  ),
  'host-key-mismatch': entry(
    424,
    false,
    'The host key of the SSH server is not the expected one. Nothing was sent to it.',
    'The key differs from the pinned one: the server was reinstalled, the address serves another machine, or somebody is in between.',
  ),
  'host-key-rejected': entry(
    424,
    false,
    'You did not accept the host key of the SSH server. Nothing was sent to it.',
    'Compare the fingerprint with what the server itself shows: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub.',
  ),
  'sign-in-refused': entry(
    424,
    false,
    'The remote server refused the sign-in.',
    'The stored credentials do not open the server.',
  ),
  'vnc-sign-in-unsupported': entry(
    424,
    false,
    'The VNC server offers no way to sign in that can be used here.',
    'The detail names the security types that the server offers and what would be needed.',
  ),
  'vnc-version-unsupported': entry(
    424,
    false,
    'The VNC server insists on a protocol version that is not published.',
    'RFB 3.3, 3.7 and 3.8 are spoken. RealVNC: Options, Export (or Expert), Protocol version: 3.8.',
  ),
  'credentials-unusable': entry(
    424,
    false,
    'The stored credentials of this endpoint cannot be used. Enter them again.',
    'A secret does not open with the key material in force, was moved, or is no key that the SSH library reads.',
  ),
  'gateway-refused': entry(
    502,
    true,
    'The gateway could not connect to the endpoint.',
    'The gateway took its operation and set it FAILED. Check host and port of the endpoint and that the server runs; else contact your network administrator.',
  ),
  'gateway-lost': entry(
    502,
    true,
    'The connection to the gateway was lost.',
    'The connection between the gateway and Cumulocity broke: no close frame came, or no answer to pings. Connect again; if it happens again, contact your network administrator.',
  ),
  'gateway-protocol': entry(
    502,
    false,
    'The gateway broke the protocol and was disconnected.',
    'The agent on the gateway sent a text frame or an invalid WebSocket frame: its software needs an update.',
  ),
  'target-failed': entry(
    502,
    true,
    'The remote server ended the connection unexpectedly.',
    'The gateway reached the address of the endpoint, and what answers there does not go on. Check protocol and port of the endpoint; else contact your network administrator.',
  ),
  'gateway-timeout': entry(
    504,
    true,
    'The gateway did not answer in time. It may be offline.',
    'No device claimed the connection key within remoteaccess.operation.timeout. Check that the gateway is available and its agent runs; else contact your network administrator.',
  ),
  'target-timeout': entry(
    504,
    true,
    'The remote server did not answer in time.',
    'The gateway reached the address of the endpoint, and nothing useful came from there in time. Check that the server is well; else contact your network administrator.',
  ),
  // The service, and the platform under it.
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

export type ErrorCode = keyof typeof ERRORS;

/** Whether a text is a code of the catalogue. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
