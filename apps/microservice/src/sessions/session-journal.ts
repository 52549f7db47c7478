import { Injectable } from '@nestjs/common';
import type { OperationId } from '@remote-access/contracts';
import { AuditTrail } from '../audit/audit-trail';
import { Log } from '../logging/log';
import { endSentence, type SessionEnd } from './session-end';
import type { SessionGrant } from './connect-grant';
import type { HostKeyTrust } from './session-controls';

export interface SessionFigures {
  readonly durationMs: number;
  /** Bytes sent to the client and received from it. */
  readonly toClient: number;
  readonly fromClient: number;
  readonly hostKeyTrust: HostKeyTrust;
}

/** Writes down who used which endpoint, when, and how it ended. */
@Injectable()
export class SessionJournal {
  constructor(
    private readonly audit: AuditTrail,
    private readonly log: Log,
  ) {}

  async started(
    grant: SessionGrant,
    operationId: OperationId,
    hostKeyTrust: HostKeyTrust,
  ): Promise<void> {
    const remark = grant.notice === undefined ? '' : `; ${grant.notice}`;
    const text = `Connected to ${target(grant)}${verification(hostKeyTrust)}${remark}`;
    this.log.info('Session started', { operationId, ...names(grant) });
    await this.write(grant, operationId, 'Remote access session started', text);
  }

  async ended(
    grant: SessionGrant,
    operationId: OperationId | undefined,
    end: SessionEnd,
    figures: SessionFigures,
  ): Promise<void> {
    const { durationMs, toClient, fromClient, hostKeyTrust } = figures;
    const code = end.error?.code ?? 'normal';
    this.log.info('Session ended', {
      ...(operationId === undefined ? {} : { operationId }),
      ...names(grant),
      by: end.by,
      code,
      ...(end.error?.cause === undefined ? {} : { cause: end.error.cause }),
      durationMs: Math.round(durationMs),
      toClient,
      fromClient,
    });
    if (operationId === undefined) return;
    const seconds = (durationMs / 1_000).toFixed(1);
    const text =
      `${target(grant)}: ended by ${end.by} after ${seconds} s (${code}: ${endSentence(end)}); ` +
      `${toClient} bytes to the client, ${fromClient} from it${verification(hostKeyTrust)}`;
    await this.write(grant, operationId, 'Remote access session ended', text);
  }

  private write(
    { caller }: SessionGrant,
    sourceId: OperationId,
    activity: string,
    text: string,
  ): Promise<void> {
    const { tenant, userName: user } = caller;
    return this.audit.record(tenant, { type: 'Operation', sourceId, activity, text, user });
  }
}

function target({ endpoint, gateway }: SessionGrant): string {
  const { name, protocol, hostname, port } = endpoint;
  return `endpoint "${name}" (${protocol} ${hostname}:${port}) of gateway "${gateway.name}"`;
}

function verification(trust: HostKeyTrust): string {
  if (trust === undefined) return '';
  return trust === 'accepted' ? '; host key accepted by the user' : `; host key ${trust}`;
}

function names({ caller, gateway, endpoint }: SessionGrant): Record<string, string> {
  const { tenant, userName } = caller;
  return { tenant, user: userName, deviceId: gateway.id, endpointId: endpoint.id };
}
