import { Injectable } from '@nestjs/common';
import { type Refusal, RemoteAccessError, type ResumeRequest } from '@remote-access/contracts';
import { AuditTrail } from '../audit/audit-trail';
import type { Admission } from '../door/route';
import type { Session } from '../sessions/session';
import { SessionRegistry } from '../sessions/session-registry';
import { AccessReview } from './access-review';
import type { ConnectGrant } from './connect-policy';
import { SessionReviews } from './session-reviews';
import type { TicketUse } from './tickets';

/**
 * Decides who may resume a running session on another connection: the user who opened it, for the
 * same endpoint, from the same origin, with the session's resume key. By then the connect policy
 * has decided again whether the user may connect at all.
 */
@Injectable()
export class SessionResumes {
  constructor(
    private readonly registry: SessionRegistry,
    private readonly review: AccessReview,
    private readonly reviews: SessionReviews,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Whether a ticket may be issued. Everything that the caller may not know yields the same answer.
   * @returns `session-not-found`, or why the session must end now
   */
  refusal(grant: ConnectGrant, use: TicketUse, request: ResumeRequest): Refusal | undefined {
    const session = this.find(grant, use, request);
    if (!session) return new RemoteAccessError('session-not-found');
    const end = this.review.changeOf(session.subject, grant);
    if (end) session.end(end);
    return end?.error ?? session.client.resumeRefusal(use.origin, request);
  }

  /** Uses up the right to resume; the session takes over the WebSocket afterwards. */
  claim(grant: ConnectGrant, use: TicketUse, request: ResumeRequest): Admission | Refusal {
    const session = this.find(grant, use, request);
    if (!session) return new RemoteAccessError('session-not-found');
    const refusal = session.client.claimResume(use.origin, request);
    if (refusal) return refusal;
    const { credentials } = grant;
    return {
      connected: socket => {
        if (request.takeOver) this.recordTakeOver(session);
        session.client.resume(socket, request);
        this.reviews.renew(session, credentials);
      },
      // If the caller has left in the meantime, it knows the next resume key.
      abandoned: () => undefined,
    };
  }

  private recordTakeOver({ subject }: Session): void {
    const { caller, gateway, endpoint } = subject;
    void this.audit.record(caller.tenant, {
      type: 'Inventory',
      sourceId: gateway.id,
      activity: 'Remote access session taken over',
      text: `Session on endpoint "${endpoint.name}" continues in another window of the same user`,
      user: caller.userName,
    });
  }

  private find(
    { caller }: ConnectGrant,
    { deviceId, endpointId }: TicketUse,
    { sessionId }: ResumeRequest,
  ): Session | undefined {
    const session = this.registry.find(caller.tenant, sessionId);
    const { subject } = session ?? {};
    const isSame =
      subject?.caller.userName === caller.userName &&
      subject.gateway.id === deviceId &&
      subject.endpoint.id === endpointId;
    return isSame ? session : undefined;
  }
}
