import { Inject, Injectable } from '@nestjs/common';
import {
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type TenantId,
  type Ticket,
} from '@remote-access/contracts';
import { type Cluster, CLUSTER, type Questions, type ReplicaId } from '../cluster/cluster';
import { CallerCredentials } from '../platform/caller-credentials';
import { SessionRegistry } from '../sessions/session-registry';
import { ConnectConditions } from '../tenant-settings/connect-conditions';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { type ConnectGrant, ConnectPolicy } from './connect-policy';
import { EarlyCalls } from './early-calls';
import { SessionResumes } from './session-resumes';
import { asWatcher, SessionWatches } from './session-watches';
import { readTicketBody, type TicketBody } from './ticket-body';
import { Tickets, type TicketUse } from './tickets';

type ForwardedRequest = Questions['session-ticket']['ask'];
type ForwardedAnswer = Questions['session-ticket']['answer'];

/**
 * Issues tickets for new sessions and for running ones. A ticket for a running session is issued by
 * the replica that runs it, which repeats the whole decision, and the WebSocket that follows is
 * forwarded to that replica.
 */
@Injectable()
export class TicketIssuer {
  constructor(
    private readonly policy: ConnectPolicy,
    private readonly tickets: Tickets,
    private readonly conditions: ConnectConditions,
    private readonly options: TenantOptions,
    private readonly registry: SessionRegistry,
    private readonly resumes: SessionResumes,
    private readonly watches: SessionWatches,
    private readonly earlyCalls: EarlyCalls,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {
    cluster.answer('session-ticket', request => this.answer(request));
  }

  /** @param body the body of the request, not validated yet */
  async issue(grant: ConnectGrant, use: TicketUse, body: unknown): Promise<Ticket | Refusal> {
    const { tenant } = grant.caller;
    const asked = readTicketBody(body);
    if (isRefusal(asked)) return asked;
    const owner = await this.ownerElsewhere(tenant, asked);
    if (isRefusal(owner)) return owner;
    const ticket =
      owner === undefined
        ? await this.issueHere(grant, use, asked)
        : await this.issueThere(owner, grant, { ...use, body });
    if (isRefusal(ticket)) return ticket;
    const { tokenInAddress } = await this.options.of(tenant);
    return tokenInAddress ? { ...ticket, tokenInAddress } : ticket;
  }

  private async issueHere(
    grant: ConnectGrant,
    use: TicketUse,
    { resume, watch, keep, size, noticeAccepted }: TicketBody,
  ): Promise<Ticket | Refusal> {
    const refusal =
      (resume && this.resumes.refusal(grant, use, resume)) ??
      (watch && (await this.watches.refusal(grant, watch)));
    if (refusal) return refusal;
    // For a resumed session, the user accepted the notice before it began.
    const notice = resume
      ? grant.notice
      : await this.conditions.accepted(grant.caller.tenant, noticeAccepted);
    if (isRefusal(notice)) return notice;
    const purpose = {
      ...(resume && { resume }),
      ...(watch && { watch }),
      ...(keep !== undefined && { keep }),
      ...(size && { size }),
    };
    // Clients that intend to resume open the session at once.
    const isNew = keep !== undefined && !resume && !watch;
    const earlyCall = isNew ? this.earlyCalls.begin(grant) : undefined;
    const ticket = this.tickets.issue(
      { ...(watch ? asWatcher(grant) : grant), notice, purpose, ...(earlyCall && { earlyCall }) },
      use,
    );
    if (isRefusal(ticket)) void earlyCall?.drop();
    await this.cluster.announced();
    return ticket;
  }

  /** The replica that runs the session to resume or to watch, if it is another one. */
  private async ownerElsewhere(
    tenant: TenantId,
    { resume, watch }: TicketBody,
  ): Promise<ReplicaId | Refusal | undefined> {
    const sessionId = resume?.sessionId ?? watch?.sessionId;
    if (sessionId === undefined || this.registry.find(tenant, sessionId)) return undefined;
    return this.cluster.locate('session', sessionId);
  }

  private async issueThere(
    owner: ReplicaId,
    { credentials }: ConnectGrant,
    request: Omit<ForwardedRequest, 'credentials'>,
  ): Promise<Ticket | Refusal> {
    const asked: ForwardedRequest = { ...request, credentials: credentials.forReplica() };
    const answer = await this.cluster.ask(owner, 'session-ticket', asked);
    if ('ticket' in answer) return answer;
    const { code, detail } = answer;
    return new RemoteAccessError(code, { detail });
  }

  /** Answers another replica that was asked for a session that runs here. */
  private async answer(request: ForwardedRequest): Promise<ForwardedAnswer> {
    const ticket = await this.issueForReplica(request);
    return isRefusal(ticket) ? { code: ticket.code, detail: ticket.message } : ticket;
  }

  private async issueForReplica({
    deviceId,
    endpointId,
    origin,
    ...request
  }: ForwardedRequest): Promise<Ticket | Refusal> {
    const credentials = CallerCredentials.fromReplica(request.credentials);
    const grant = await this.policy.decide(credentials, deviceId, endpointId);
    if (isRefusal(grant)) return grant;
    const asked = readTicketBody(request.body);
    if (isRefusal(asked)) return asked;
    return this.issueHere(grant, { deviceId, endpointId, origin }, asked);
  }
}
