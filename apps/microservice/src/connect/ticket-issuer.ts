import { Inject, Injectable } from '@nestjs/common';
import {
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type TenantId,
  type Ticket,
} from '@remote-access/contracts';
import { type Cluster, CLUSTER, type Questions } from '../cluster/cluster';
import { CallerCredentials } from '../platform/caller-credentials';
import { SessionRegistry } from '../sessions/session-registry';
import { ConnectConditions } from '../tenant-settings/connect-conditions';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { type ConnectGrant, ConnectPolicy } from './connect-policy';
import { readKeepKey, readResumeRequest, SessionResumes } from './session-resumes';
import { asWatcher, readWatchRequest, SessionWatches } from './session-watches';
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
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {
    cluster.answer('session-ticket', request => this.answer(request));
  }

  /** @param body the body of the request, not validated yet */
  async issue(grant: ConnectGrant, use: TicketUse, body: unknown): Promise<Ticket | Refusal> {
    const { tenant } = grant.caller;
    const elsewhere = await this.elsewhere(grant, use, body);
    const ticket = elsewhere ?? (await this.issueHere(grant, use, body));
    if (isRefusal(ticket)) return ticket;
    const { tokenInAddress } = await this.options.of(tenant);
    return tokenInAddress ? { ...ticket, tokenInAddress } : ticket;
  }

  private async issueHere(
    grant: ConnectGrant,
    use: TicketUse,
    body: unknown,
  ): Promise<Ticket | Refusal> {
    const resume = readResumeRequest(body);
    if (isRefusal(resume)) return resume;
    const watch = readWatchRequest(body);
    if (isRefusal(watch)) return watch;
    const keep = readKeepKey(body);
    if (isRefusal(keep)) return keep;
    const refusal =
      (resume && this.resumes.refusal(grant, use, resume)) ??
      (watch && (await this.watches.refusal(grant, watch)));
    if (refusal) return refusal;
    // For a resumed session, the user accepted the notice before it began.
    const notice = resume
      ? grant.notice
      : await this.conditions.accepted(grant.caller.tenant, body);
    if (isRefusal(notice)) return notice;
    const granted = {
      ...(watch ? asWatcher(grant) : grant),
      ...{ notice, ...(resume && { resume }), ...(watch && { watch }) },
      ...(keep && { keep }),
    };
    const ticket = this.tickets.issue(granted, use);
    await this.cluster.announced();
    return ticket;
  }

  /** @returns `undefined` if the ticket is to be issued here */
  private async elsewhere(
    { caller, credentials }: ConnectGrant,
    use: TicketUse,
    body: unknown,
  ): Promise<Ticket | Refusal | undefined> {
    const sessionId = this.sessionElsewhere(caller.tenant, body);
    if (sessionId === undefined) return undefined;
    const owner = await this.cluster.locate('session', sessionId);
    if (owner === undefined || isRefusal(owner)) return owner;
    const request: ForwardedRequest = { ...use, credentials: credentials.forReplica(), body };
    const answer = await this.cluster.ask(owner, 'session-ticket', request);
    if ('ticket' in answer) return answer;
    const { code, detail } = answer;
    return new RemoteAccessError(code, { detail });
  }

  private sessionElsewhere(tenant: TenantId, body: unknown): string | undefined {
    const resume = readResumeRequest(body);
    const watch = readWatchRequest(body);
    if (isRefusal(resume) || isRefusal(watch)) return undefined;
    const sessionId = resume?.sessionId ?? watch?.sessionId;
    const isHere = sessionId !== undefined && this.registry.find(tenant, sessionId) !== undefined;
    return isHere ? undefined : sessionId;
  }

  /** Answers another replica that was asked for a session that runs here. */
  private async answer(request: ForwardedRequest): Promise<ForwardedAnswer> {
    const { deviceId, endpointId, origin, body } = request;
    const credentials = CallerCredentials.fromReplica(request.credentials);
    const grant = await this.policy.decide(credentials, deviceId, endpointId);
    const ticket = isRefusal(grant)
      ? grant
      : await this.issueHere(grant, { deviceId, endpointId, origin }, body);
    return isRefusal(ticket) ? { code: ticket.code, detail: ticket.message } : ticket;
  }
}
