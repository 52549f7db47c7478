import type { IncomingMessage } from 'node:http';
import type { Store } from '../store/store';
import type { Caller, User } from './caller';
import { PlatformRefusal } from './platform-refusal';

/** Who is not told which tenant a sign-in without one means signs in here. */
export const DEFAULT_TENANT = 't1001';

/** Finds out who sends a request. */
export class Authentication {
  constructor(private readonly store: Store) {}

  /**
   * By the `Authorization` header (Basic or Bearer), or by the cookie `authorization` together
   * with `X-XSRF-TOKEN` (or, where a browser cannot set headers, the query's `XSRF-TOKEN`).
   */
  authenticate(request: IncomingMessage): Caller | PlatformRefusal {
    return this.fromAuthorization(request.headers.authorization ?? '');
  }

  /** By what stands in an `Authorization` header: `Basic …` or `Bearer …`. */
  fromAuthorization(header: string): Caller | PlatformRefusal {
    const [scheme, value] = header.split(' ');
    if (scheme?.toLowerCase() !== 'basic' || !value) return unauthorized();
    return this.fromBasic(value);
  }

  /**
   * By a bare token, as CometD's `ext["com.cumulocity.authn"].token` has it: what follows
   * "Basic " or "Bearer ".
   */
  fromToken(token: string): Caller | PlatformRefusal {
    return this.fromBasic(token);
  }

  /**
   * By the request's cookie `authorization` and an XSRF token that came another way, as CometD's
   * `ext["com.cumulocity.authn"].xsrfToken`.
   */
  fromCookie(request: IncomingMessage, xsrfToken: string): Caller | PlatformRefusal {
    return request.headers.cookie && xsrfToken ? unauthorized() : unauthorized();
  }

  private fromBasic(encoded: string): Caller | PlatformRefusal {
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const name = text.slice(0, colon);
    const slash = name.indexOf('/');
    const tenant = slash < 0 ? DEFAULT_TENANT : name.slice(0, slash);
    const account = this.store.tenant(tenant)?.accounts.get(name.slice(slash + 1));
    if (!account?.enabled || account.password !== text.slice(colon + 1)) return unauthorized();
    const user: User = {
      id: account.id,
      displayName: account.displayName,
      effectiveRoles: new Set(account.roles),
      devicePermissions: account.devicePermissions,
      isDevice: account.kind === 'device',
      isService: account.kind === 'service' || account.kind === 'bootstrap',
    };
    return { tenant, user, via: 'basic' };
  }
}

function unauthorized(): PlatformRefusal {
  return new PlatformRefusal(401, 'security/Unauthorized', 'Invalid credentials!');
}
