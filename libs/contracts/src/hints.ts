const ELSE = 'otherwise contact your network administrator.';

/**
 * What to try, in cases where more is known than the error catalogue's hint can say. The texts are
 * fixed, because pages translate them.
 */
export const HINTS = {
  gatewayCannotConnectBack:
    "The gateway's agent has to open a WebSocket to Cumulocity, which a proxy or firewall at the site " +
    `may block. Check the agent's log; ${ELSE}`,
  signInAsOwner:
    "The gateway's agent has to sign in as the owner of its managed object. If it cannot, an " +
    'administrator can admit every device that may read the operation, in the remote access ' +
    'settings (deviceAdmission).',
  targetDenied:
    "The gateway's configuration forbids this connection. Contact the operator of the gateway.",
  nameUnknown:
    "The gateway's network cannot resolve this name. Check the endpoint's host or enter its IP " +
    `address; ${ELSE}`,
  connectionRefused:
    'The gateway reached the host, but nothing listens on this port, or a firewall rejects the ' +
    `connection. Check the endpoint's port and that the server is running; ${ELSE}`,
  hostUnreachable:
    'The gateway cannot reach the host. Check that it is switched on and that its address is ' +
    `correct; ${ELSE}`,
  nothingListens:
    "Check the endpoint's host and port, that the server is running, and that no firewall between " +
    'the gateway and the server rejects the connection.',
  otherEncoding:
    'Check the stored password. It contains characters that servers encode in one of two ways: ' +
    'connect again to try the other one.',
} as const;
