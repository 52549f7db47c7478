import { Injectable } from '@nestjs/common';
import { type Refusal, RemoteAccessError, type TenantId } from '@remote-access/contracts';
import { noticeId, TenantOptions } from './tenant-options';

/** How the audit of a session speaks of the tenant's notice; `undefined` where there is none. */
export type NoticeRemark = string | undefined;

/** What an administrator demands of everybody who connects, whatever their permissions. */
@Injectable()
export class ConnectConditions {
  constructor(private readonly options: TenantOptions) {}

  /** `remote-access-off` where the tenant has switched remote access off. */
  async refusal(tenant: TenantId): Promise<Refusal | undefined> {
    const { enabled } = await this.options.of(tenant);
    return enabled ? undefined : new RemoteAccessError('remote-access-off');
  }

  /** Programs that bring bytes only can show no notice: they are let in, and the audit says so. */
  async withoutNotice(tenant: TenantId): Promise<NoticeRemark> {
    const { notice } = await this.options.of(tenant);
    return notice === null ? undefined : 'notice not shown by this client';
  }

  /**
   * Looks for the acceptance in the body of a ticket request.
   * @returns `notice-not-accepted`, with the text, where it is missing or of another text
   */
  async accepted(tenant: TenantId, ticketBody: unknown): Promise<NoticeRemark | Refusal> {
    const { notice } = await this.options.of(tenant);
    if (notice === null) return undefined;
    const id = noticeId(notice);
    if (acceptance(ticketBody) === id) return `notice accepted (${id.slice(0, 12)})`;
    const detail = `Read and accept this notice first, then connect: ${notice}`;
    return new RemoteAccessError('notice-not-accepted', { detail });
  }
}

function acceptance(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'noticeAccepted' in body
    ? body.noticeAccepted
    : undefined;
}
