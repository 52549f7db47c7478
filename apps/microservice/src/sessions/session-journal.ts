import { addressText, type OperationId, type TenantId } from '@remote-access/contracts';
import type { SessionFacts } from '@remote-access/contracts/platform';
import { SESSION_ENDED, SESSION_STARTED, SESSION_WATCHED } from '../audit/audit-trail';
import type { SessionSubject } from './session-plan';
import type { HostKeyVerification } from './session-controls';
import { endSentence, type SessionEnd } from './session-end';

/** The platform's audit log. */
interface Audit {
  record(
    tenant: TenantId,
    entry: {
      readonly type: 'Operation';
      readonly sourceId: OperationId;
      readonly activity: string;
      readonly text: string;
      readonly user: string;
      readonly session?: SessionFacts;
    },
  ): Promise<boolean>;
}

/** The service's own log. */
interface Log {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
}

interface Answered {
  /** Whether the endpoint has sent anything. */
  readonly hasAnswered: boolean;
}

export interface SessionFigures extends Answered {
  readonly durationMs: number;
  /** Bytes sent to the client and received from it. */
  readonly toClient: number;
  readonly fromClient: number;
  readonly hostKeyVerification: HostKeyVerification;
  /** How often the client came back after losing its connection. */
  readonly resumed: number;
}

interface JournaledSession {
  readonly id: string;
  readonly subject: SessionSubject;
}

/** Records who used which endpoint, when, and how it ended. */
export class SessionJournal {
  constructor(
    private readonly audit: Audit,
    private readonly log: Log,
    /** The process that serves the sessions. */
    private readonly owner: string,
  ) {}

  /** @returns whether the audit log has recorded it */
  async started(
    session: JournaledSession,
    operationId: OperationId,
    { hostKeyVerification, hasAnswered }: Pick<SessionFigures, 'hostKeyVerification'> & Answered,
  ): Promise<boolean> {
    const { subject } = session;
    const remark = subject.notice === undefined ? '' : `; ${subject.notice}`;
    // Many servers wait for the client to send first, so the session opens before they answer.
    const begin = hasAnswered
      ? 'Connected to'
      : 'Connected by the gateway, without an answer yet, to';
    const text = `${begin} ${describedTarget(subject)}${verificationNote(hostKeyVerification)}${remark}`;
    this.log.info('Session started', { operationId, ...loggedIds(session) });
    const facts = { owner: this.owner };
    return this.write(subject, operationId, SESSION_STARTED, text, facts);
  }

  async ended(
    session: JournaledSession,
    operationId: OperationId | undefined,
    end: SessionEnd,
    figures: SessionFigures,
  ): Promise<void> {
    const { durationMs, toClient, fromClient, hostKeyVerification, resumed, hasAnswered } = figures;
    const { subject } = session;
    const code = end.error?.code ?? 'normal';
    this.log.info('Session ended', {
      ...(operationId === undefined ? {} : { operationId }),
      ...loggedIds(session),
      by: end.by,
      code,
      ...(end.error?.cause === undefined ? {} : { cause: end.error.cause }),
      durationMs: Math.round(durationMs),
      toClient,
      fromClient,
      ...(resumed > 0 ? { resumed } : {}),
    });
    if (operationId === undefined) return;
    const seconds = (durationMs / 1_000).toFixed(1);
    const text =
      `${describedTarget(subject)}: ${hasAnswered ? '' : NOT_REACHED}ended by ${end.by} after ${seconds} s (${code}: ${endSentence(end)}); ` +
      `${toClient} bytes to the client, ${fromClient} from it${verificationNote(hostKeyVerification)}${resumedNote(resumed)}`;
    const facts = { durationMs: Math.round(durationMs), code };
    await this.write(subject, operationId, SESSION_ENDED, text, facts);
  }

  /**
   * Records who watches, or types in place of the session's user.
   * @returns whether the audit log has recorded it
   */
  async watched(
    session: JournaledSession,
    operationId: OperationId | undefined,
    user: string,
    event: string,
  ): Promise<boolean> {
    this.log.info('Session watched', { ...loggedIds(session), by: user, event });
    if (operationId === undefined) return false;
    const { subject } = session;
    const text = `"${user}" ${event}; session of "${subject.caller.userName}" on ${describedTarget(subject)}`;
    return this.audit.record(subject.caller.tenant, {
      type: 'Operation',
      sourceId: operationId,
      activity: SESSION_WATCHED,
      text,
      user,
    });
  }

  private write(
    { caller, endpoint }: SessionSubject,
    sourceId: OperationId,
    activity: string,
    text: string,
    facts: Partial<SessionFacts>,
  ): Promise<boolean> {
    const { tenant, userName: user } = caller;
    const { id: endpointId, name: endpointName, protocol } = endpoint;
    const session = { endpointId, endpointName, protocol, ...facts };
    return this.audit.record(tenant, {
      type: 'Operation',
      sourceId,
      activity,
      text,
      user,
      session,
    });
  }
}

const NOT_REACHED = 'the endpoint was not reached or never answered; ';

function describedTarget({ endpoint, gateway }: SessionSubject): string {
  const { name, protocol } = endpoint;
  return `endpoint "${name}" (${protocol} ${addressText(endpoint)}) of gateway "${gateway.name}"`;
}

function verificationNote(trust: HostKeyVerification): string {
  if (trust === undefined) return '';
  return trust === 'accepted' ? '; host key accepted by the user' : `; host key ${trust}`;
}

function resumedNote(resumed: number): string {
  if (resumed === 0) return '';
  return resumed === 1 ? '; resumed once' : `; resumed ${resumed} times`;
}

function loggedIds({ id, subject }: JournaledSession): Record<string, string> {
  const { caller, gateway, endpoint } = subject;
  const { tenant, userName } = caller;
  return { sessionId: id, tenant, user: userName, deviceId: gateway.id, endpointId: endpoint.id };
}
