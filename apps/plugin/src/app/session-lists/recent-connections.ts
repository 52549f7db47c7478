import {
  addressText,
  ERRORS,
  type EndpointId,
  type ErrorCode,
  isErrorCode,
  type Protocol,
} from '@remote-access/contracts';
import {
  type AuditRecord,
  FRAGMENTS,
  type Operation,
  SESSION_FRAGMENT,
  type SessionFacts,
} from '@remote-access/contracts/platform';
import { PROTOCOL_LABELS } from '../endpoints/endpoint-labels';
import type { PlatformCalls } from '../host/platform-calls';
import { gettext, type Message } from '../ui/message';
import { Refusal } from '../ui/refusal';

/** Enough to see what happened today; the audit log has everything. */
const SHOWN = 10;

/**
 * How a connection of any user ended. The texts of the error catalogue address the user whose
 * session it was, and say what to do next.
 */
const ENDED_TEXTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'access-withdrawn': gettext("The user's access was withdrawn."),
  'credentials-unusable': gettext('The stored credentials of the endpoint could not be used.'),
  'endpoint-changed': gettext('The endpoint was changed during the session.'),
  forbidden: gettext('The user lacked a permission.'),
  'host-key-rejected': gettext("The user did not accept the server's host key."),
  'idle-timeout': gettext('The session was idle for too long.'),
  internal: gettext('Something went wrong in the remote access service.'),
  'not-resumed': gettext('The connection was lost, and the session was not resumed in time.'),
  'platform-failed': gettext('Cumulocity answered with an error.'),
  'platform-timeout': gettext('Cumulocity did not answer in time.'),
  'question-unanswered': gettext('A question from the remote server was not answered in time.'),
  'reader-stalled': gettext('One side stopped accepting data.'),
  'remote-access-off': gettext('Remote access was switched off.'),
  'session-expired': gettext('The session reached the maximum duration.'),
  'shutting-down': gettext('The remote access service was restarted.'),
};

/** A connection that a user requested, whether it was established or not. */
export interface RecentConnection {
  readonly operationId: string;
  readonly at: Date;
  /** Absent if the audit log cannot be read, or has no record of it. */
  readonly user?: string;
  /** Name and protocol; without the audit log, the address. */
  readonly endpoint: string;
  readonly endpointId?: EndpointId;
  readonly result: Message;
  readonly hasFailed: boolean;
  /** Absent while the connection lasts, and if the audit log does not contain it. */
  readonly durationMs?: number;
}

export interface RecentConnections {
  /** Most recent first. */
  readonly connections: readonly RecentConnection[];
  /** Whether users and durations are missing because the user may not read the audit log. */
  readonly isAuditHidden: boolean;
}

/** What the platform recorded about the most recent connections to a gateway. */
export async function fetchRecentConnections(
  platform: PlatformCalls,
  deviceId: string,
): Promise<RecentConnections | Refusal> {
  const query = new URLSearchParams({
    deviceId,
    fragmentType: FRAGMENTS.connect,
    // The platform sorts oldest first unless both are given.
    dateFrom: new Date(0).toISOString(),
    revert: 'true',
    pageSize: String(SHOWN),
  });
  const { status, body } = await platform.call('GET', `/devicecontrol/operations?${query}`);
  if (status !== 200) return Refusal.of(status, body);
  const { operations = [] } = body as { operations?: Operation[] };
  const records = await Promise.all(operations.map(({ id }) => recordsOf(platform, id)));
  return {
    connections: operations.map((operation, at) => connectionOf(operation, records[at] ?? [])),
    isAuditHidden: records.some(ofOne => ofOne === undefined),
  };
}

/** @returns `undefined` if the user may not read them */
async function recordsOf(
  platform: PlatformCalls,
  operationId: string,
): Promise<AuditRecord[] | undefined> {
  const query = new URLSearchParams({ source: operationId, type: 'Operation', pageSize: '20' });
  const { status, body } = await platform.call('GET', `/audit/auditRecords?${query}`);
  return status === 200
    ? ((body as { auditRecords?: AuditRecord[] }).auditRecords ?? [])
    : undefined;
}

/** @param records the audit records about the operation, in any order */
export function connectionOf(
  operation: Operation,
  records: readonly AuditRecord[],
): RecentConnection {
  const ours = records.filter(record => factsOf(record) !== undefined);
  const facts = ours.reduce<Partial<SessionFacts>>((all, one) => ({ ...all, ...factsOf(one) }), {});
  const { hostname = '', port = 0 } = operation.c8y_RemoteAccessConnect ?? {};
  const { endpointName, protocol, endpointId, durationMs } = facts;
  const user = ours[0]?.user;
  return {
    operationId: operation.id,
    at: new Date(operation.creationTime),
    endpoint:
      endpointName === undefined
        ? addressText({ hostname, port })
        : `${endpointName} (${PROTOCOL_LABELS[protocol as Protocol] ?? protocol})`,
    ...resultOf(operation, facts),
    ...(user === undefined ? {} : { user }),
    ...(endpointId === undefined ? {} : { endpointId }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

function resultOf(
  { status, failureReason }: Operation,
  { code }: Partial<SessionFacts>,
): Pick<RecentConnection, 'result' | 'hasFailed'> {
  if (code === 'normal') return { result: { text: gettext('Ended normally') }, hasFailed: false };
  if (code !== undefined) {
    const text = isErrorCode(code) ? (ENDED_TEXTS[code] ?? ERRORS[code].text) : code;
    return { result: { text }, hasFailed: true };
  }
  switch (status) {
    case 'FAILED':
      return { result: { text: failureReason ?? gettext('Failed') }, hasFailed: true };
    case 'SUCCESSFUL':
      return { result: { text: gettext('Connected') }, hasFailed: false };
    default:
      return { result: { text: gettext('Waiting for the gateway') }, hasFailed: false };
  }
}

function factsOf(record: AuditRecord): SessionFacts | undefined {
  const facts = record[SESSION_FRAGMENT] as SessionFacts | null | undefined;
  return typeof facts?.endpointName === 'string' ? facts : undefined;
}
