import { setTimeout as delay } from 'node:timers/promises';
import { RemoteAccessError, type OperationId, type TenantId } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { isFinished, type OperationDesk } from '../operations/operation-desk';

/**
 * An agent that could not reach the endpoint closes its WebSocket and reports FAILED in any order:
 * its report is waited for no longer than this.
 */
const REPORT_DEADLINE_MS = 2_000;

const LOOK_PERIOD_MS = 200;

/** A reason is written by an agent, or by whoever runs it. */
const MAX_REASON_CHARACTERS = 500;

const ELSE = 'else contact your network administrator.';

const NO_WAY_BACK =
  'Its agent has to open a WebSocket to Cumulocity, which a proxy or a firewall at its site may ' +
  `not let pass. Look at the log of the agent; ${ELSE}`;

/** What to try, by the words in which agents tell what their system told them. */
const HINTS: readonly [words: RegExp, hint: string][] = [
  [
    /denied by|not allowed|allow list|deny list/i,
    'The gateway is configured not to connect there. Ask who runs the gateway.',
  ],
  [
    /resolve|not known|no such host|ENOTFOUND|EAI_AGAIN|lookup/i,
    'The network of the gateway does not know this name. Check the host of the endpoint or give ' +
      `its address; ${ELSE}`,
  ],
  [
    /refused/i,
    'The gateway reached the host, and nothing listens on that port, or a firewall says so. ' +
      `Check the port of the endpoint and that the server runs; ${ELSE}`,
  ],
  [
    /no route|unreachable|no answer|timed? ?out|is down|EHOSTUNREACH/i,
    'The gateway does not reach the host. Check that it is on and that its address is right; ' +
      ELSE,
  ],
];

/** The refusal that a failed operation means, with the gateway's own reason. */
export function gatewayRefusal({ failureReason }: Operation): RemoteAccessError {
  // Line ends and other controls become spaces; the rest is text wherever it is shown.
  const reason = [...(failureReason ?? '').replace(/\p{Cc}+/gu, ' ').trim()]
    .slice(0, MAX_REASON_CHARACTERS)
    .join('');
  if (reason === '') return new RemoteAccessError('gateway-refused');
  const detail = `The gateway could not connect to the endpoint: ${reason}`;
  const [, hint] = HINTS.find(([words]) => words.test(reason)) ?? [];
  return new RemoteAccessError('gateway-refused', { detail, ...(hint ? { hint } : {}) });
}

/**
 * A gateway that did not connect in time: of one that has taken its operation the way back is the
 * part that fails.
 */
export function gatewayLate(name: string, timeoutMs: number, wasTaken: boolean): RemoteAccessError {
  const time = `${Math.round(timeoutMs / 1_000)} s`;
  return wasTaken
    ? new RemoteAccessError('gateway-timeout', {
        detail: `The gateway "${name}" took the operation but did not connect within ${time}.`,
        hint: NO_WAY_BACK,
      })
    : new RemoteAccessError('gateway-timeout', {
        detail: `The gateway "${name}" did not answer within ${time}. It may be offline.`,
      });
}

/** Whether a gateway that ended without a byte has reported, or is about to report, a failure. */
export async function reportedFailure(
  operations: OperationDesk,
  tenant: TenantId,
  operationId: OperationId,
): Promise<RemoteAccessError | undefined> {
  const deadline = Date.now() + REPORT_DEADLINE_MS;
  for (;;) {
    const operation = await operations.read(tenant, operationId);
    if (!operation) return undefined;
    if (operation.status === 'FAILED') return gatewayRefusal(operation);
    if (isFinished(operation) || Date.now() >= deadline) return undefined;
    await delay(LOOK_PERIOD_MS);
  }
}
