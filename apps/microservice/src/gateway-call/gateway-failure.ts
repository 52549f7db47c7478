import { HINTS, printable, RemoteAccessError } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';

/** The reason is text from the agent or its operator, so its length is limited. */
const MAX_REASON_CHARACTERS = 500;

/** Hints for the user, by words in the operating system's message that agents forward. */
const HINTS_BY_WORDS: readonly [words: RegExp, hint: string][] = [
  [/denied by|not allowed|allow list|deny list/i, HINTS.targetDenied],
  [/resolve|not known|no such host|ENOTFOUND|EAI_AGAIN|lookup/i, HINTS.nameUnknown],
  [/refused/i, HINTS.connectionRefused],
  [/no route|unreachable|no answer|timed? ?out|is down|EHOSTUNREACH/i, HINTS.hostUnreachable],
];

/** The error for a FAILED operation, with the gateway's own reason. */
export function gatewayRefusal({ failureReason }: Operation): RemoteAccessError {
  const reason = printable(failureReason ?? '', MAX_REASON_CHARACTERS);
  if (reason === '') return new RemoteAccessError('gateway-refused');
  const detail = `The gateway could not connect to the endpoint: ${reason}`;
  const [, hint] = HINTS_BY_WORDS.find(([words]) => words.test(reason)) ?? [];
  return new RemoteAccessError('gateway-refused', { detail, ...(hint ? { hint } : {}) });
}

/** The error for a gateway whose WebSocket is refused for its key. */
export function malformedKey(): RemoteAccessError {
  return new RemoteAccessError('gateway-protocol', {
    detail: "The gateway's agent opens its WebSocket with a malformed key.",
    hint:
      'cumulocity-agents-linux does so. An administrator can accept such keys in the remote ' +
      'access settings (malformedKeys).',
  });
}

interface LateGateway {
  readonly name: string;
  readonly timeoutMs: number;
  /** Whether its agent has received the operation. */
  readonly isDelivered: boolean;
}

/**
 * The error for a gateway that did not connect in time. If it has received the operation, its
 * connection to the service is what fails.
 * @param stranger the user of a device that presented the key and was not admitted
 */
export function gatewayLate(
  { name, timeoutMs, isDelivered }: LateGateway,
  stranger?: string,
): RemoteAccessError {
  const time = `${Math.round(timeoutMs / 1_000)} s`;
  if (stranger !== undefined) {
    return new RemoteAccessError('gateway-timeout', {
      detail:
        `Only the device user "${stranger}" connected for the gateway "${name}", and that user ` +
        'owns neither the gateway nor a parent device.',
      hint: HINTS.signInAsOwner,
    });
  }
  return isDelivered
    ? new RemoteAccessError('gateway-timeout', {
        detail: `The gateway "${name}" took the operation but did not connect within ${time}.`,
        hint: HINTS.gatewayCannotConnectBack,
      })
    : new RemoteAccessError('gateway-timeout', {
        detail: `The gateway "${name}" did not answer within ${time}. It may be offline.`,
      });
}
