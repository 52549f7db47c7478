import { type ErrorCode, printable, RemoteAccessError } from '@remote-access/contracts';

/** Maximum length of a server's reason; longer ones are truncated. */
const MAX_REASON_CHARACTERS = 200;

/** RealVNC's documented workaround for servers that require their own protocol version. */
const WORKAROUND =
  'With RealVNC: open VNC on the remote machine, navigate to Options, select the Export ' +
  '(or Expert) tab, search for "Protocol version" and enter "3.8".';

/** The errors that users see for one endpoint. */
export class VncErrors {
  constructor(
    private readonly name: string,
    private readonly isViewOnly = false,
  ) {}

  notConnected(what: string, cause?: unknown): RemoteAccessError {
    return this.error('target-failed', what, cause);
  }

  late(what: string): RemoteAccessError {
    return this.error('target-timeout', `The VNC server did not send ${what} in time.`);
  }

  lateGreeting(): RemoteAccessError {
    const what = 'The server sent nothing in time. It may be hanging, or it is not a VNC server.';
    return this.error('target-timeout', what);
  }

  ended(what: string, cause?: unknown): RemoteAccessError {
    const text = `The VNC server closed the connection before it sent ${what}.`;
    return this.error('target-failed', text, cause);
  }

  unsupportedVersion(announced: string, reason = ''): RemoteAccessError {
    const text = `The VNC server announces the unsupported protocol version ${announced}`;
    const said = reason === '' ? '.' : ` and says ${quoted(reason)}.`;
    return this.error('vnc-version-unsupported', `${text}${said} ${WORKAROUND}`);
  }

  /** The server refuses every client, e.g. after too many failed sign-ins. */
  turnedAway(reason: string): RemoteAccessError {
    const said = reason === '' ? ' without giving a reason.' : `: ${quoted(reason)}.`;
    return this.error('target-failed', `The VNC server refused the connection${said}`);
  }

  /** @param did what the server did instead of sending a refusal */
  signInRefused(reason: string, did?: string): RemoteAccessError {
    const silently =
      did === undefined
        ? ''
        : ` The server ${did} after it had received the credentials, as servers do that refuse them.`;
    const said = reason === '' ? silently : ` The server says ${quoted(reason)}.`;
    return new RemoteAccessError('sign-in-refused', {
      detail: `Could not sign in to the VNC server on endpoint "${this.name}".${said}`,
    });
  }

  noCommonSignIn(offered: readonly string[]): RemoteAccessError {
    const list = offered.join(', ');
    const text = `The VNC server offers no supported sign-in method, only: ${list}.`;
    return this.error('vnc-sign-in-unsupported', text);
  }

  /**
   * A key is pinned, but the server offers no method with which it would prove that it holds the
   * key.
   */
  keyNotProved(offered: readonly string[]): RemoteAccessError {
    const text =
      'The endpoint has a pinned key, and the server offered no method that proves it holds that ' +
      `key, only: ${offered.join(', ')}. Nothing was sent.`;
    return this.error('host-key-unproved', text);
  }

  /** User name and password would be readable on the network. */
  unencryptedSignIn(offered: readonly string[]): RemoteAccessError {
    const text =
      'The endpoint does not allow unencrypted sign-in (allowUnencryptedSignIn), and the server ' +
      `offers nothing else: ${offered.join(', ')}. Nothing was sent.`;
    return this.error('unencrypted-sign-in', text);
  }

  /** The server violates the protocol of the sign-in method. */
  brokenSignIn(what: string): RemoteAccessError {
    return this.notConnected(`The VNC server violated the sign-in protocol: ${what}.`);
  }

  /** The server asks for credentials that are not stored, and no user can be asked. */
  credentialsMissing(needs: 'password' | 'username and password'): RemoteAccessError {
    const what = needs === 'password' ? 'a password' : 'a user name and a password';
    const why = this.isViewOnly ? 'The endpoint is view-only, so viewers cannot sign in. ' : '';
    return new RemoteAccessError('sign-in-refused', {
      detail:
        `The VNC server on endpoint "${this.name}" asks for ${what}. ${why}` +
        'Store it in the endpoint, or connect in the browser to enter it.',
    });
  }

  private error(code: ErrorCode, what: string, cause?: unknown): RemoteAccessError {
    const detail = `Could not connect to endpoint "${this.name}". ${what}`;
    return new RemoteAccessError(code, { detail, cause });
  }
}

function quoted(reason: string): string {
  return `"${printable(reason, MAX_REASON_CHARACTERS).replace(/[\s.]+$/, '')}"`;
}
