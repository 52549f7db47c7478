import { Inject, Injectable } from '@nestjs/common';
import { RemoteAccessError, type TenantId } from '@remote-access/contracts';
import type { Subscriptions } from '@remote-access/contracts/platform';
import { SETTINGS, type ServiceAccount, type Settings } from '../settings/settings';
import { Secret } from '../settings/secret';
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
    @Inject(SETTINGS) settings: Settings,
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
