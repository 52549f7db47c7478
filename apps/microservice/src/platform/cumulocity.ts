import { Inject, Injectable } from '@nestjs/common';
import type { BayeuxAccess } from '@remote-access/bayeux';
import { RemoteAccessError, type TenantId } from '@remote-access/contracts';
import type { Subscriptions } from '@remote-access/contracts/platform';
import { Secret } from '@remote-access/settings';
import { MemoryBudget } from '../memory/memory-budget';
import { type ServiceAccount, SETTINGS, type Settings } from '../settings/settings';
import { forwardedHost } from '../settings/trusted-proxies';
import { CallerCredentials } from './caller-credentials';
import { PlatformClient } from './platform-client';
import { PlatformRequests, type RequestHeaders } from './platform-requests';

/** The service users of the subscribed tenants, as the platform last reported them. */
@Injectable()
export class ServiceAccounts {
  private accounts = new Map<TenantId, ServiceAccount>();

  of(tenant: TenantId): ServiceAccount | undefined {
    return this.accounts.get(tenant);
  }

  tenants(): TenantId[] {
    return [...this.accounts.keys()];
  }

  replace(accounts: readonly ServiceAccount[]): void {
    this.accounts = new Map(accounts.map(account => [account.tenant, account]));
  }
}

/**
 * Access to the platform; this class and PlatformClient are the only places that know its
 * addresses.
 */
@Injectable()
export class Cumulocity {
  private readonly requests: PlatformRequests;
  private readonly bootstrap: CallerCredentials;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly accounts: ServiceAccounts,
    memory: MemoryBudget,
  ) {
    this.requests = new PlatformRequests(settings.platformUrl, memory, headersOfService(settings));
    this.bootstrap = credentialsOf(settings.bootstrap);
  }

  /**
   * The time by the platform's clock, in milliseconds since 1970. Compare with it what the platform
   * has dated, because the machine's clock may be set to any time.
   */
  now(): number {
    return this.requests.now();
  }

  /**
   * The platform with a caller's credentials. It is told the host that the caller addressed,
   * because the host determines the tenant of user names without one, and the identity provider of
   * tokens.
   */
  as(credentials: CallerCredentials): PlatformClient {
    const host = forwardedHost(credentials.sentFrom, this.settings);
    const asked: RequestHeaders = host === undefined ? {} : { 'x-forwarded-host': host };
    const headers = (): RequestHeaders => ({ ...credentials.headers(), ...asked });
    return new PlatformClient(this.requests, headers, credentials.claimedName);
  }

  /**
   * The platform with the credentials of a tenant's service user. They are looked up for each
   * request, because a tenant that subscribes again gets a new user. Requests for a tenant that is
   * not subscribed throw `forbidden`.
   */
  asService(tenant: TenantId): PlatformClient {
    return new PlatformClient(this.requests, () => {
      const account = this.accounts.of(tenant);
      if (account) return credentialsOf(account).headers();
      const detail = 'The tenant is not subscribed to remote access.';
      throw new RemoteAccessError('forbidden', { detail });
    });
  }

  /** The address of a tenant's real time, and how its service user signs in there. */
  realtime(tenant: TenantId): BayeuxAccess | undefined {
    const account = this.accounts.of(tenant);
    const url = `${this.settings.platformUrl.replace(/^http/, 'ws')}/notification/realtime`;
    if (!account) return undefined;
    const headers = credentialsOf(account).headers();
    const token = headers['authorization']?.replace(/^Basic /, '');
    return {
      url,
      headers: { ...headers, ...headersOfService(this.settings) },
      ext: { 'com.cumulocity.authn': { token } },
    };
  }

  /** The service users of all subscribed tenants; requested as the bootstrap user. */
  async subscriptions(): Promise<ServiceAccount[]> {
    const answer = (await this.requests.send(this.bootstrap.headers(), {
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

/**
 * With its key the platform attributes requests to an application. Without it, a request for a
 * device looks as if the device had sent it, and a gateway that is gone appears to be available.
 */
function headersOfService({ applicationKey }: Settings): RequestHeaders {
  return applicationKey === undefined
    ? {}
    : { 'x-cumulocity-application-key': applicationKey.reveal() };
}

function credentialsOf(account: ServiceAccount): CallerCredentials {
  return CallerCredentials.basic(account.tenant, account.user, account.password);
}
