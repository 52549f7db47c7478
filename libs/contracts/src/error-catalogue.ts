/** How an error appears in HTTP, on the WebSocket and in the UI. */
export interface ErrorEntry {
  /** Also the status of a refused upgrade. */
  readonly httpStatus: number;
  /** Close code of the client's WebSocket: 4000 + the HTTP status. */
  readonly closeCode: number;
  /** Whether repeating the same request may succeed. */
  readonly retry: boolean;
  /** For the user: what happened and what to do. */
  readonly text: string;
  /** For operators: the cause and where to look. */
  readonly hint: string;
}

const entry = (httpStatus: number, retry: boolean, text: string, hint: string): ErrorEntry => ({
  httpStatus,
  closeCode: 4000 + httpStatus,
  retry,
  text,
  hint,
});

/**
 * Every error of the product by its code. A test keeps `docs/errors.md` in line with this table.
 */
export const ERRORS = {
  // Requests.
  'malformed-request': entry(
    400,
    false,
    'The request could not be understood.',
    'The body is not a JSON object, or a parameter has the wrong form. The detail says which.',
  ),
  unauthenticated: entry(
    401,
    false,
    'Sign in again: your credentials are missing, wrong or expired.',
    'No credentials were sent, or the platform answered 401 for them.',
  ),
  'ticket-invalid': entry(
    401,
    true,
    'The ticket for this connection has been used or has expired. Connect again.',
    'A ticket is valid once, for 30 seconds, for one endpoint and one origin.',
  ),
  forbidden: entry(
    403,
    false,
    'You do not have permission to do this. Ask your administrator.',
    'The detail names the missing roles.',
  ),
  'remote-access-off': entry(
    403,
    false,
    'Remote access is switched off for your tenant. Ask your administrator.',
    'The tenant option remoteaccess.enabled is false. Change it in Administration, Settings, Remote access.',
  ),
  'audit-unavailable': entry(
    503,
    true,
    'The session cannot be recorded in the audit log at the moment, so it was not opened. Try again later.',
    "Cumulocity did not accept the audit record; the service's log says why. The tenant option remoteaccess.audit.required decides whether sessions open without it.",
  ),
  'foreign-origin': entry(
    403,
    false,
    'This page is not allowed to open remote connections.',
    'The Origin header is neither the host that the ingress forwards nor listed in ALLOWED_ORIGINS. Behind a proxy of your own, check TRUSTED_PROXIES.',
  ),
  'not-found': entry(404, false, 'This address does not exist.', 'No route matches the path.'),
  'device-not-found': entry(
    404,
    false,
    'The device does not exist, or you do not have access to it.',
    "The platform answered 404 for the managed object when called with the caller's credentials.",
  ),
  'endpoint-not-found': entry(
    404,
    false,
    'The endpoint does not exist. It may have been removed.',
    'c8y_RemoteAccessList of the managed object has no entry with this id.',
  ),
  'session-not-found': entry(
    404,
    false,
    'The session is no longer running.',
    'The device has no session with this id, or the session belongs to another user.',
  ),
  'key-not-claimable': entry(
    404,
    false,
    'The connection key is unknown, already used or expired.',
    'A device connected with a key that no session is waiting for: it connected too late, used the key twice, or guessed it.',
  ),
  'method-not-allowed': entry(
    405,
    false,
    'This address does not support the request method.',
    'A WebSocket route was called without an upgrade, or another route was called with one.',
  ),
  conflict: entry(
    409,
    true,
    'Someone else changed the device at the same time. Reload and try again.',
    'The platform refused to write the managed object because of a conflict.',
  ),
  'endpoint-modified': entry(
    412,
    false,
    'Someone else has changed this endpoint in the meantime. Reload it and make your change again.',
    'The If-Match header of the request does not name the current version of the endpoint.',
  ),
  'payload-too-large': entry(
    413,
    false,
    'The request is too large.',
    'Bodies and WebSocket messages are limited to 1 MiB.',
  ),
  'unsupported-media-type': entry(
    415,
    false,
    'The request body must be JSON (Content-Type: application/json).',
    'The request had a body with another Content-Type.',
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
    'The detail says what is wrong with the key, certificate or host key.',
  ),
  'passphrase-needed': entry(
    422,
    false,
    'The passphrase of the private key is missing or wrong.',
    'The private key is encrypted: send its passphrase in the field passphrase. The passphrase is not stored.',
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
    "Read and accept your administrator's notice before you connect.",
    'The request for a ticket needs noticeAccepted, with the noticeId of the current settings.',
  ),
  'too-many-requests': entry(
    429,
    true,
    'Too many attempts. Wait a moment and try again.',
    'A limit on failed sign-ins, connection keys, sessions, memory or key processing was reached. The detail says which.',
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
    'An administrator ended the session.',
    'It was ended in a list of running sessions or through the API. The audit log names the user.',
  ),
  'watch-off': entry(
    403,
    false,
    'Your administrator does not allow watching sessions.',
    'The tenant option remoteaccess.watch is off.',
  ),
  'watch-declined': entry(
    403,
    false,
    'The user of the session does not want to be watched.',
    'With remoteaccess.watch set to "consent", the user is asked and has one minute to answer.',
  ),
  'not-watchable': entry(
    409,
    false,
    'This session cannot be watched.',
    'Watching requires a page that shows the user who is watching, a protocol with a screen and, for ' +
      'terminals, a value other than 0 for remoteaccess.session.resume.',
  ),
  'idle-timeout': entry(
    408,
    true,
    'The session was closed because it was idle for too long. Connect again.',
    'No bytes were transferred within remoteaccess.ws.idle.timeout.',
  ),
  'reader-stalled': entry(
    408,
    true,
    'The session was closed because one side stopped accepting data. Connect again.',
    'The client or the gateway accepted none of its pending bytes within STALLED_READER_SECONDS.',
  ),
  'session-expired': entry(
    408,
    true,
    'The session was closed because it reached the maximum duration. Connect again.',
    'The tenant option remoteaccess.session.max-duration sets the limit.',
  ),
  'not-resumed': entry(
    408,
    true,
    'The connection was lost, and the session was not resumed in time. Connect again.',
    'A terminal session waits remoteaccess.session.resume seconds for its client to come back.',
  ),
  'taken-over': entry(
    409,
    false,
    'The session continues in another window.',
    'The client resumed the session on another connection, or the user took it over in another window.',
  ),
  'question-unanswered': entry(
    408,
    true,
    'A question from the remote server was not answered in time. Connect again.',
    'Users have two minutes to answer a prompt or to accept a host key.',
  ),
  'endpoint-changed': entry(
    409,
    true,
    'The endpoint was changed while you were connected. Connect again.',
    'Its host, port or protocol was changed, or it was made view-only.',
  ),
  'endpoint-unconfirmed': entry(
    409,
    false,
    'This endpoint was changed outside Remote access. A user who may configure endpoints must check and confirm it.',
    'The entry in c8y_RemoteAccessList has no valid mac: a program or the device wrote it, or the key material was replaced. Confirm it on the Remote access tab or through the API.',
  ),
  'host-key-mismatch': entry(
    424,
    false,
    "The server's host key is not the expected one. Nothing was sent to the server.",
    'The key differs from the pinned one: the server was reinstalled, the address now belongs to another machine, or someone is intercepting the connection.',
  ),
  'host-key-rejected': entry(
    424,
    false,
    "You did not accept the server's host key. Nothing was sent to the server.",
    'Compare the fingerprint with the one that the server itself shows: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub.',
  ),
  'host-key-unproved': entry(
    424,
    false,
    'The endpoint has a pinned key, but the server did not prove that it holds that key. Nothing was sent to the server.',
    'The server offers only sign-in methods without a key: it was reconfigured, the address now belongs to another machine, or someone is intercepting the connection.',
  ),
  'unencrypted-sign-in': entry(
    424,
    false,
    'The server would receive the username and password unencrypted, which the endpoint does not allow.',
    'Enable TLS on the server. If the network between gateway and server can be trusted, set allowUnencryptedSignIn on the endpoint.',
  ),
  'view-only': entry(
    403,
    false,
    'The endpoint is view-only, and the viewer sent a message that the service does not recognise.',
    'The detail names the message type. Use another viewer, switch off its extensions, or connect in the browser.',
  ),
  'sign-in-refused': entry(
    424,
    false,
    'The remote server refused the sign-in.',
    'The server did not accept the credentials.',
  ),
  'vnc-sign-in-unsupported': entry(
    424,
    false,
    'The VNC server offers no supported sign-in method.',
    'The detail lists the sign-in methods that the server offers.',
  ),
  'vnc-version-unsupported': entry(
    424,
    false,
    'The VNC server requires an unsupported protocol version.',
    'RFB 3.3, 3.7 and 3.8 are supported. In RealVNC, set Options, Export (or Expert), Protocol version to 3.8.',
  ),
  'credentials-unusable': entry(
    424,
    false,
    'The stored credentials of this endpoint cannot be used. Enter them again.',
    'A secret cannot be opened with the current key material, was moved from another endpoint, or is not a key that the SSH library supports.',
  ),
  'gateway-refused': entry(
    502,
    true,
    'The gateway could not connect to the endpoint.',
    'The gateway set its operation to FAILED. Check the host and port of the endpoint and that the server is running; otherwise contact your network administrator.',
  ),
  'gateway-lost': entry(
    502,
    true,
    'The connection to the gateway was lost.',
    'The connection between the gateway and Cumulocity broke: it ended without a close frame, or pings were not answered. Connect again; if it happens again, contact your network administrator.',
  ),
  'gateway-protocol': entry(
    502,
    false,
    'The gateway violated the protocol and was disconnected.',
    'The agent on the gateway sent a text frame or an invalid WebSocket frame. Its software needs an update.',
  ),
  'target-failed': entry(
    502,
    true,
    'The remote server ended the connection unexpectedly.',
    'The gateway reached the address of the endpoint, but the server there closed the connection or refused to continue. Check the protocol and port of the endpoint; otherwise contact your network administrator.',
  ),
  'gateway-timeout': entry(
    504,
    true,
    'The gateway did not answer in time. It may be offline.',
    'No device claimed the connection key within remoteaccess.operation.timeout. Check that the gateway is available and that its agent is running; otherwise contact your network administrator.',
  ),
  'target-timeout': entry(
    504,
    true,
    'The remote server did not answer in time.',
    'The gateway reached the address of the endpoint, but the server there sent no usable answer in time. Check that the server is working; otherwise contact your network administrator.',
  ),
  // The service, and the platform beneath it.
  internal: entry(
    500,
    true,
    'Something went wrong in the remote access service. Try again; if the problem persists, contact your administrator.',
    'Unexpected error. The log has the cause under the same correlation id.',
  ),
  'platform-failed': entry(
    502,
    true,
    'Cumulocity answered with an error. Try again later.',
    'The platform answered with a 5xx status or closed the connection.',
  ),
  'no-key-material': entry(
    503,
    false,
    'Secrets cannot be stored because the service has no key to seal them. Contact your administrator.',
    'Set the tenant options credentials.remoteaccess.encryption.password and .salt, or SEALING_PASSWORD and SEALING_SALT.',
  ),
  'shutting-down': entry(
    503,
    true,
    'The remote access service is restarting. Connect again in a moment.',
    'The service is being updated, moved or stopped.',
  ),
  'cluster-unavailable': entry(
    503,
    true,
    'The replicas of the remote access service cannot reach each other. Try again in a moment.',
    'The NATS server at NATS_URL or another replica is not answering. The log says which; running sessions continue.',
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
