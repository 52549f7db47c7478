import { Inject, Injectable } from '@nestjs/common';
import type { BayeuxAccess } from '@remote-access/bayeux';
import { RemoteAccessError, type TenantId } from '@remote-access/contracts';
import type { Subscriptions } from '@remote-access/contracts/platform';
import { Secret } from '@remote-access/settings';
import { SETTINGS, type ServiceAccount, type Settings } from '../settings/settings';
import { CallerCredentials } from './caller-credentials';
import { CumulocitySession } from './cumulocity-session';
import { PlatformRequests } from './platform-requests';
import type { PlatformSession } from './platform-session';
import { ServiceAccounts } from './service-accounts';

/** The way to the platform; with CumulocitySession the only place with its addresses. */
@Injectable()
export class Cumulocity {
  private readonly requests: PlatformRequests;
  private readonly bootstrap: CallerCredentials;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly accounts: ServiceAccounts,
  ) {
    this.requests = new PlatformRequests(settings.platformUrl);
    this.bootstrap = credentialsOf(settings.bootstrap);
  }

  /** The platform as a caller sees it. */
  as(credentials: CallerCredentials): PlatformSession {
    return new CumulocitySession(this.requests, () => credentials);
  }

  /**
   * The platform as the service user of a tenant sees it. The user is looked up at each call: a
   * tenant that subscribes anew gets a new one. Calls for a tenant that is not subscribed throw
   * `forbidden`.
   */
  asService(tenant: TenantId): PlatformSession {
    return new CumulocitySession(this.requests, () => {
      const account = this.accounts.of(tenant);
      if (account) return credentialsOf(account);
      const detail = 'The tenant is not subscribed to remote access.';
      throw new RemoteAccessError('forbidden', { detail });
    });
  }

  /** Where a tenant's real time is and how its service user signs in there. */
  realtime(tenant: TenantId): BayeuxAccess | undefined {
    const account = this.accounts.of(tenant);
    const url = `${this.settings.platformUrl.replace(/^http/, 'ws')}/notification/realtime`;
    if (!account) return undefined;
    const headers = credentialsOf(account).headers();
    const token = headers['authorization']?.replace(/^Basic /, '');
    return { url, headers, ext: { 'com.cumulocity.authn': { token } } };
  }

  /** The service users of all subscribed tenants, asked for as the bootstrap user. */
  async subscriptions(): Promise<ServiceAccount[]> {
    const answer = (await this.requests.send(this.bootstrap, {
      method: 'GET',
      path: '/application/currentApplication/subscriptions',
    })) as Subscriptions | null | undefined;
    if (!Array.isArray(answer?.users)) throw new RemoteAccessError('platform-failed');
    return answer.users.map(({ tenant, name, password }) => ({
      tenant,
      user: name,
      password: new Secret(password),
    }));
  }
}

function credentialsOf(account: ServiceAccount): CallerCredentials {
  return CallerCredentials.basic(account.tenant, account.user, account.password);
}
