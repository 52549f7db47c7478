import { ERRORS, isErrorCode } from '@remote-access/contracts';
import { gettext, type Message } from './message';

/** Why a request failed, as texts for the user. */
export class Refusal {
  constructor(
    /** HTTP status, 0 if no response arrived. */
    readonly status: number,
    /**
     * A code of the error catalogue, if the response came from the remote access service itself.
     */
    readonly code: string | undefined,
    readonly message: Message,
    /** What the user can do about it. */
    readonly advice?: Message,
  ) {}

  /** Whether the same request may succeed later. */
  get retry(): boolean {
    return this.code && isErrorCode(this.code) ? ERRORS[this.code].retry : this.status >= 500;
  }

  /**
   * From a response of `/service/remoteaccess`, or of the platform if the service cannot be
   * reached.
   */
  static of(status: number, body: unknown): Refusal {
    const { error, message } = asRecord(body);
    const code = typeof error === 'string' ? OWN_CODE.exec(error)?.[1] : undefined;
    if (code) {
      const known = isErrorCode(code) ? ERRORS[code].text : String(status);
      return new Refusal(status, code, { text: typeof message === 'string' ? message : known });
    }
    return new Refusal(status, undefined, ...platformMessages(status, message));
  }
}

/** Codes of the remote access service; those of the platform have other prefixes. */
const OWN_CODE = /^remoteaccess\/([a-z-]+)$/;

function platformMessages(status: number, message: unknown): [Message, Message?] {
  switch (status) {
    case 0:
      return [
        { text: gettext('Cumulocity cannot be reached.') },
        { text: gettext('Check the connection and try again.') },
      ];
    case 401:
      return [{ text: gettext('You are signed out.') }, { text: gettext('Sign in again.') }];
    case 403:
      return [
        { text: gettext('You do not have permission to do this.') },
        { text: gettext('Ask your administrator.') },
      ];
    case 404:
      return [
        { text: gettext('The remote access service is not available in this tenant.') },
        {
          text: gettext(
            'Ask your administrator to subscribe this tenant to the microservice "cloud-remote-access".',
          ),
        },
      ];
    case 502:
    case 503:
    case 504:
      return [
        { text: gettext('The remote access service is not responding.') },
        {
          text: gettext(
            'It may still be starting. Try again in a minute. If the problem persists, ask your administrator to check the microservice "cloud-remote-access".',
          ),
        },
      ];
    default:
      return [
        {
          text: gettext('Cumulocity answered with an error ({{ status }}). {{ message }}'),
          values: {
            status: String(status),
            message: typeof message === 'string' ? message : '',
          },
        },
      ];
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
