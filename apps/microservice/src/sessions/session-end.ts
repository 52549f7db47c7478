import { FrameError } from '@remote-access/relay';
import {
  addressText,
  CLOSE_CODES,
  closeReason,
  type Endpoint,
  HINTS,
  RemoteAccessError,
  type EndedBy,
  type ErrorCode,
  type ServerMessage,
  type Step,
} from '@remote-access/contracts';
import { MESSAGE_TOO_BIG } from '../door/handshake';
import type { GatewayCall } from '../gateway-call/gateway-call';

const LEFT_EARLY = 'The client left before the gateway connected.';

/** Who ended a session and why. */
export interface SessionEnd {
  readonly by: EndedBy;
  /** Absent if the session simply ended. */
  readonly error?: RemoteAccessError;
  readonly exitStatus?: number;
  /** Reported by the remote server; truncated and printable. */
  readonly exitSignal?: string;
  /** The remote server's disconnect message; truncated and printable. */
  readonly serverMessage?: string;
}

/** The client left, with or without a close frame. */
export const CLIENT_LEFT: SessionEnd = { by: 'client' };

/** An end with an error of the catalogue. */
export function endedBy(by: EndedBy, code: ErrorCode, detail?: string): SessionEnd {
  const options = detail === undefined ? {} : { detail };
  return { by, error: new RemoteAccessError(code, options) };
}

const INVALID_FRAME = 'The client sent an invalid WebSocket frame, or split a message too finely.';

/** The end of a session whose client violated the protocol; `undefined` for any other error. */
export function frameViolation(cause: Error): SessionEnd | undefined {
  if (!(cause instanceof FrameError)) return undefined;
  return cause.closeCode === CLOSE_CODES.messageTooBig
    ? endedBy('client', 'payload-too-large', MESSAGE_TOO_BIG)
    : endedBy('client', 'malformed-request', INVALID_FRAME);
}

/** The side that caused opening the session to fail. */
export function failedSide({ code }: RemoteAccessError): EndedBy {
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
export function endSentence({
  by,
  error,
  exitStatus,
  exitSignal,
  serverMessage,
}: SessionEnd): string {
  if (error) return error.message;
  switch (by) {
    case 'client':
      return 'The client disconnected.';
    case 'target':
      if (exitSignal !== undefined) return `The remote shell was ended by ${exitSignal}.`;
      if (serverMessage !== undefined) {
        return `The remote server ended the session: "${serverMessage}".`;
      }
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
 * The final reason: if the far side ended without sending a byte, the gateway's report, if any,
 * replaces the first cause.
 */
export async function finalEnd(
  end: SessionEnd,
  call: Pick<GatewayCall, 'silentEnd'> | undefined,
  endpoint: Pick<Endpoint, 'hostname' | 'port'>,
): Promise<SessionEnd> {
  const byFarSide = end.by === 'target' || end.by === 'gateway';
  const isReported =
    end.error?.code === 'gateway-refused' || end.error?.code === 'gateway-protocol';
  if (!byFarSide || isReported) return end;
  const silent = await call?.silentEnd();
  if (silent === undefined) return end;
  if (silent !== 'connected') return { by: 'gateway', error: silent };
  // Some agents report success before they know the outcome.
  const detail =
    `The connection ended before ${addressText(endpoint)} had sent anything. Probably nothing ` +
    'listens there.';
  const error = new RemoteAccessError('target-failed', { detail, hint: HINTS.nothingListens });
  return { by: 'target', error };
}

/** The failure reason of an operation whose gateway never connected. */
export function operationEnd(end: SessionEnd): string {
  return end.by === 'client' ? LEFT_EARLY : endSentence(end);
}

/**
 * The last message for the client.
 * @param step the step that was not reached
 */
export function clientFarewell(end: SessionEnd, outputBytes: number, step?: Step): Farewell {
  const text = endSentence(end);
  const { by, error, exitStatus, exitSignal } = end;
  const messages: ServerMessage[] = [];
  if (error) {
    // Agents connect to the service and to the endpoint concurrently, so when the endpoint fails,
    // the agent may already have connected, or may never connect.
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
  // Raw sessions accept binary frames only.
  if (error.code === 'malformed-request' && by === 'client') return CLOSE_CODES.unsupportedData;
  return error.entry.closeCode;
}

/** Agents know only the close codes of RFC 6455. */
export function deviceCloseCode({ error }: SessionEnd): number {
  if (error?.code === 'gateway-protocol') return CLOSE_CODES.unsupportedData;
  if (error?.code === 'shutting-down') return CLOSE_CODES.goingAway;
  return CLOSE_CODES.normal;
}
