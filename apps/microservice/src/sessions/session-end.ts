import {
  CLOSE_CODES,
  closeReason,
  RemoteAccessError,
  type EndedBy,
  type ErrorCode,
  type ServerMessage,
  type Step,
} from '@remote-access/contracts';

/** Who ended a session and why. */
export interface SessionEnd {
  readonly by: EndedBy;
  /** Absent when it simply ended. */
  readonly error?: RemoteAccessError;
  readonly exitStatus?: number;
  /** Of the far end's own making: its name is cut and printable. */
  readonly exitSignal?: string;
}

/** The client has gone, with or without a word. */
export const CLIENT_LEFT: SessionEnd = { by: 'client' };

/** An end with a reason from the catalogue. */
export function endedBy(by: EndedBy, code: ErrorCode, detail?: string): SessionEnd {
  const options = detail === undefined ? {} : { detail };
  return { by, error: new RemoteAccessError(code, options) };
}

/** Whose doing it is that a session did not open. */
export function whoFailed({ code }: RemoteAccessError): EndedBy {
  if (code === 'internal') return 'service';
  return code === 'host-key-rejected' || code === 'question-unanswered' ? 'client' : 'target';
}

export interface Farewell {
  /** Control messages before the close frame, for clients that understand them. */
  readonly messages: readonly ServerMessage[];
  readonly closeCode: number;
  readonly closeReason: string;
}

/** One sentence for the user. */
export function endSentence({ by, error, exitStatus, exitSignal }: SessionEnd): string {
  if (error) return error.message;
  switch (by) {
    case 'client':
      return 'The client disconnected.';
    case 'target':
      if (exitSignal !== undefined) return `The remote shell was ended by ${exitSignal}.`;
      return exitStatus === undefined
        ? 'The remote server ended the session.'
        : `The remote shell ended with status ${exitStatus}.`;
    case 'gateway':
      return 'The gateway ended the session.';
    case 'service':
      return 'The remote access service ended the session.';
    case 'platform':
      return 'Cumulocity ended the session.';
    default:
      return by satisfies never;
  }
}

/**
 * What the client is told at the end.
 * @param step the one that was not reached
 */
export function clientFarewell(end: SessionEnd, outputBytes: number, step?: Step): Farewell {
  const text = endSentence(end);
  const { by, error, exitStatus, exitSignal } = end;
  const messages: ServerMessage[] = [];
  if (error) {
    // Agents dial us and the endpoint together: one that fails may be here already, or never come.
    const missing = error.code === 'gateway-refused' ? 'endpoint-answered' : step;
    const missed = step === undefined ? {} : { step: missing };
    messages.push({ type: 'error', code: error.code, text, hint: error.hint, ...missed });
  }
  messages.push({
    type: 'ended',
    by,
    code: error?.code ?? 'normal',
    text,
    outputBytes,
    ...(exitStatus === undefined ? {} : { exitStatus }),
    ...(exitSignal === undefined ? {} : { exitSignal }),
  });
  return { messages, closeCode: clientCloseCode(end), closeReason: closeReason(text) };
}

function clientCloseCode({ by, error }: SessionEnd): number {
  if (!error) return CLOSE_CODES.normal;
  if (error.code === 'shutting-down') return CLOSE_CODES.goingAway;
  // Only binary frames belong into a raw session.
  if (error.code === 'malformed-request' && by === 'client') return CLOSE_CODES.unsupportedData;
  return error.entry.closeCode;
}

/** Gateways are told with codes of RFC 6455 only: agents know no others. */
export function deviceCloseCode({ error }: SessionEnd): number {
  if (error?.code === 'gateway-protocol') return CLOSE_CODES.unsupportedData;
  if (error?.code === 'shutting-down') return CLOSE_CODES.goingAway;
  return CLOSE_CODES.normal;
}
