import { entry, type ErrorEntry } from './error-entry';

/** How a session fails: at the far end, at the gateway, or by running out of time. */
export const SESSION_ERRORS = {
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
} as const satisfies Record<string, ErrorEntry>;
