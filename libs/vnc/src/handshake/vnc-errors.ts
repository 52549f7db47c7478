import { type ErrorCode, printable, RemoteAccessError } from '@remote-access/contracts';

/** Reasons that servers give are sentences, and are cut at this many characters. */
const MAX_REASON_CHARACTERS = 200;

/** RealVNC's own cure for a server that takes no other version than its newest. */
const WORKAROUND =
  'With RealVNC: open VNC on the remote machine, navigate to Options, select the Export ' +
  '(or Expert) tab, search for "Protocol version" and enter "3.8".';

/** What users are told about one endpoint. */
export class VncErrors {
  constructor(private readonly name: string) {}

  notConnected(what: string, cause?: unknown): RemoteAccessError {
    return this.error('target-failed', what, cause);
  }

  late(what: string): RemoteAccessError {
    return this.error('target-timeout', `The VNC server did not send ${what} in time.`);
  }

  lateGreeting(): RemoteAccessError {
    const what = 'The server sent nothing in time: it hangs, or it is no VNC server.';
    return this.error('target-timeout', what);
  }

  ended(what: string, cause?: unknown): RemoteAccessError {
    const text = `The VNC server ended the connection where ${what} should come.`;
    return this.error('target-failed', text, cause);
  }

  unsupportedVersion(announced: string, reason = ''): RemoteAccessError {
    const text = `The VNC server announces the unsupported protocol version ${announced}`;
    const said = reason === '' ? '.' : ` and says ${quoted(reason)}.`;
    return this.error('vnc-version-unsupported', `${text}${said} ${WORKAROUND}`);
  }

  /** The server lets nobody in, e.g. after too many attempts. */
  turnedAway(reason: string): RemoteAccessError {
    const said = reason === '' ? 'without a reason.' : `: ${quoted(reason)}.`;
    return this.error('target-failed', `The VNC server takes no connection${spaced(said)}`);
  }

  signInRefused(reason: string): RemoteAccessError {
    const said = reason === '' ? '' : ` It says ${quoted(reason)}.`;
    return new RemoteAccessError('sign-in-refused', {
      detail: `Could not sign in to the VNC server on endpoint "${this.name}".${said}`,
    });
  }

  noCommonSignIn(offered: readonly string[]): RemoteAccessError {
    const list = offered.join(', ');
    const text = `The VNC server offers no way to sign in that can be used here, but only: ${list}.`;
    return this.error('vnc-sign-in-unsupported', text);
  }

  /** The server does not keep to what the way to sign in lays down. */
  brokenSignIn(what: string): RemoteAccessError {
    return this.notConnected(`The VNC server broke the sign-in: ${what}.`);
  }

  /** The server asks for what is not stored, and nobody is there to be asked. */
  credentialsMissing(needs: 'password' | 'username and password'): RemoteAccessError {
    const what = needs === 'password' ? 'a password' : 'a user name and a password';
    return new RemoteAccessError('sign-in-refused', {
      detail:
        `The VNC server on endpoint "${this.name}" asks for ${what}. ` +
        'Store it with the endpoint, or connect in the browser to be asked.',
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

function spaced(text: string): string {
  return text.startsWith(':') ? text : ` ${text}`;
}
