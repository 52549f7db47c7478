import { Injectable } from '@nestjs/common';
import { type Refusal, RemoteAccessError, type TenantId } from '@remote-access/contracts';
import { noticeId, TenantOptions } from './tenant-options';

/** The audit record's text about the notice; `undefined` if there is no notice. */
export type NoticeRemark = string | undefined;

/** The conditions that a tenant's administrator sets for all connections. */
@Injectable()
export class ConnectConditions {
  constructor(private readonly options: TenantOptions) {}

  /** `remote-access-off` if the tenant has disabled remote access. */
  async refusal(tenant: TenantId): Promise<Refusal | undefined> {
    const { enabled } = await this.options.of(tenant);
    return enabled ? undefined : new RemoteAccessError('remote-access-off');
  }

  /** Raw clients cannot show a notice. They may connect, and the audit record says so. */
  async withoutNotice(tenant: TenantId): Promise<NoticeRemark> {
    const { notice } = await this.options.of(tenant);
    return notice === null ? undefined : 'notice not shown by this client';
  }

  /**
   * Checks that the user has accepted the current notice.
   * @param accepted what the request says was accepted
   * @returns `notice-not-accepted`, with the text, if that is nothing or a different notice
   */
  async accepted(tenant: TenantId, accepted: unknown): Promise<NoticeRemark | Refusal> {
    const { notice } = await this.options.of(tenant);
    if (notice === null) return undefined;
    const id = noticeId(notice);
    if (accepted === id) return `notice accepted (${id.slice(0, 12)})`;
    const detail = `Read and accept this notice first, then connect: ${notice}`;
    return new RemoteAccessError('notice-not-accepted', { detail });
  }
}
