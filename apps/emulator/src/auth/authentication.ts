import type { IncomingMessage } from 'node:http';
import type { Account } from '../store/tenant';
import type { Store } from '../store/store';
import { AccessTokens, type TokenClaims } from './access-token';
import type { Caller, User } from './caller';
import { PlatformRefusal, refusals } from './platform-refusal';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The tenant of user names without one, if the host name determines none. */
export const DEFAULT_TENANT = 't1001';

/** Authenticates requests. */
export class Authentication {
  readonly tokens: AccessTokens;
  private readonly standInPassword = randomBytes(16).toString('base64url');

  constructor(private readonly store: Store) {
    this.tokens = new AccessTokens(store.now);
  }

  /**
   * Uses the `Authorization` header (Basic or Bearer), or the cookie `authorization` together with
   * `X-XSRF-TOKEN` (`?XSRF-TOKEN=` for a WebSocket, where a browser cannot set headers).
   */
  authenticate(request: IncomingMessage): Caller | PlatformRefusal {
    const { authorization, upgrade } = request.headers;
    const result = authorization
      ? this.fromAuthorization(authorization, this.tenantOfHost(request))
      : this.fromCookie(
          request,
          header(request, 'x-xsrf-token') || xsrfTokenOfUpgrade(request, upgrade),
        );
    return result instanceof PlatformRefusal ? withChallenge(result, request) : result;
  }

  /**
   * @param authorization `Basic …` or `Bearer …`
   * @param tenant the tenant of a user name without one
   */
  fromAuthorization(authorization: string, tenant = DEFAULT_TENANT): Caller | PlatformRefusal {
    const [scheme, value = ''] = authorization.trim().split(/ +/, 2);
    switch (scheme?.toLowerCase()) {
      case 'basic':
        return this.fromBasic(value, tenant);
      case 'bearer':
        return this.fromJwt(value);
      default:
        return refusals.unauthorized();
    }
  }

  /**
   * @param token what follows `Basic ` or `Bearer ` in an `Authorization` header, as in CometD's
   *   `ext["com.cumulocity.authn"].token`
   */
  fromToken(token: string): Caller | PlatformRefusal {
    return token.split('.').length === 3 ? this.fromJwt(token) : this.fromBasic(token);
  }

  /**
   * Uses the request's cookie `authorization` and an XSRF token from elsewhere, such as CometD's
   * `ext["com.cumulocity.authn"].xsrfToken`.
   */
  fromCookie(request: IncomingMessage, xsrfToken: string): Caller | PlatformRefusal {
    const claims = this.cookieClaims(request);
    if (!claims) return refusals.unauthorized();
    if (!sameSecret(claims.xsrfToken, xsrfToken)) {
      return refusals.unauthorized('XSRF token is missing or does not match the session');
    }
    return this.fromClaims(claims, 'cookie');
  }

  /** Checks a user name and password. */
  fromPassword(tenant: string, userName: string, password: string): Account | PlatformRefusal {
    const account = this.store.tenant(tenant)?.accounts.get(userName);
    // Compared for unknown users as well, so that the timing does not reveal which users exist.
    const matches = sameSecret(account?.password ?? '', password);
    if (!account?.enabled || !matches) {
      return refusals.unauthorized('Invalid credentials! : Bad credentials');
    }
    return account;
  }

  /** The claims of the request's cookie; the XSRF token is not checked. */
  cookieClaims(request: IncomingMessage): TokenClaims | undefined {
    const cookie = parseCookies(request.headers.cookie).get('authorization');
    return cookie ? this.tokens.verify(cookie) : undefined;
  }

  /**
   * Whether an upgrade contains credentials: a header, `?token=`, or the cookie, even without an
   * XSRF token.
   */
  knowsUpgrade(request: IncomingMessage): boolean {
    const { authorization } = request.headers;
    const token = new URLSearchParams(request.url?.split('?')[1]).get('token');
    const known = authorization
      ? this.fromAuthorization(authorization)
      : this.fromToken(token ?? '');
    return !(known instanceof PlatformRefusal) || this.cookieClaims(request) !== undefined;
  }

  /**
   * The `Authorization` header that the ingress sends to microservices along with a valid sign-in
   * cookie. It names the user; the password in it is valid nowhere.
   */
  standInOf(request: IncomingMessage): string | undefined {
    const claims = this.cookieClaims(request);
    if (!claims) return undefined;
    const text = `${claims.ten}/${claims.sub}:${this.standInPassword}`;
    return `Basic ${Buffer.from(text).toString('base64')}`;
  }

  /** `t1002` for `t1002.example.com`, if there is such a tenant. */
  private tenantOfHost({ headers }: IncomingMessage): string | undefined {
    const host = headers['x-forwarded-host'] ?? headers.host ?? '';
    const [label = ''] = String(host).split('.', 1);
    return this.store.tenant(label) ? label : undefined;
  }

  private fromBasic(encoded: string, tenantOfHost = DEFAULT_TENANT): Caller | PlatformRefusal {
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) return refusals.unauthorized('Invalid credentials! : Bad credentials');
    const name = text.slice(0, colon);
    const slash = name.indexOf('/');
    const tenant = slash < 0 ? tenantOfHost : name.slice(0, slash);
    const account = this.fromPassword(tenant, name.slice(slash + 1), text.slice(colon + 1));
    if (account instanceof PlatformRefusal) return account;
    return { tenant, user: userOf(account), via: 'basic' };
  }

  private fromJwt(token: string): Caller | PlatformRefusal {
    const claims = this.tokens.verify(token);
    return claims
      ? this.fromClaims(claims, 'bearer')
      : refusals.unauthorized('Invalid credentials! : Token is not valid');
  }

  private fromClaims(claims: TokenClaims, via: Caller['via']): Caller | PlatformRefusal {
    // Looked up on each request, so that disabling a user or removing a role takes effect at once.
    const account = this.store.tenant(claims.ten)?.accounts.get(claims.sub);
    if (!account?.enabled) return refusals.unauthorized('User is disabled');
    return { tenant: claims.ten, user: userOf(account), via };
  }
}

/** The user of an account. */
export function userOf(account: Account): User {
  return {
    id: account.id,
    displayName: account.displayName,
    effectiveRoles: new Set(account.roles),
    devicePermissions: account.devicePermissions,
    isDevice: account.kind === 'device',
    isService: account.kind === 'service' || account.kind === 'bootstrap',
  };
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function xsrfTokenOfUpgrade(request: IncomingMessage, upgrade: string | undefined): string {
  if (upgrade?.toLowerCase() !== 'websocket') return '';
  return new URLSearchParams(request.url?.split('?')[1]).get('XSRF-TOKEN') ?? '';
}

/** A browser shows its own dialog for `Basic`; the Web SDK requests `XBasic` to avoid that. */
function withChallenge(refusal: PlatformRefusal, request: IncomingMessage): PlatformRefusal {
  const scheme = request.headers['usexbasic'] === undefined ? 'Basic' : 'XBasic';
  return new PlatformRefusal(refusal.status, refusal.error, refusal.message, {
    'WWW-Authenticate': `${scheme} realm="Cumulocity"`,
  });
}

/** The first value of each cookie in a `Cookie` header (RFC 6265, section 4.2). */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals > 0 && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
}

/** Compares two secrets in constant time. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
