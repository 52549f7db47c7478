import { createHmac, randomBytes } from 'node:crypto';
import { Secret } from '@remote-access/settings';
import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import type { SentFrom } from '../settings/trusted-proxies';

/** Cookies of the platform's sign-in; others are not forwarded. */
const SIGN_IN_COOKIES = ['authorization', 'XSRF-TOKEN'];

/** RFC 7519: three base64url parts, the first of which is a JSON object. */
const JSON_WEB_TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/** Basic credentials and JWTs; also keeps line breaks out of the header that we send. */
const TOKEN = /^[\w+/=.~-]{1,16384}$/;

/** Longer names are truncated where they are only counted. */
const MAX_NAME_LENGTH = 200;

/** Used for credentials that name no user. */
const NAMELESS = 'token';

/** Appended to the name if the header came with a cookie that does not count. */
const WITH_COOKIE = ' with a cookie';

/** The user that credentials name. Not verified: only the platform can do that. */
export interface ClaimedUser {
  /**
   * Absent from Basic credentials without a tenant: then the platform's host name determines it.
   */
  readonly tenant: string | undefined;
  readonly userName: string;
}

/** Credentials in transit between two replicas, over a connection that only replicas can use. */
export interface TransferredCredentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly sentFrom: SentFrom;
}

/** Fingerprints are meaningless outside this process. */
const FINGERPRINT_KEY = randomBytes(32);

/**
 * A caller's credentials, as headers that authenticate the same caller to the platform. Prints as
 * blanks.
 */
export class CallerCredentials {
  readonly #headers: Readonly<Record<string, Secret>>;

  private constructor(
    headers: Record<string, string>,
    /** Where the request came from; empty for the service's own credentials. */
    readonly sentFrom: SentFrom = { peer: '', forwardedFor: '', forwardedHost: '' },
    private readonly hasUnusedCookie = false,
  ) {
    this.#headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, new Secret(value)]),
    );
  }

  /**
   * Extracts the credentials from a request: the cookie `authorization` together with an XSRF
   * token, or else an `Authorization` header. A browser's WebSocket cannot set headers, so the
   * query parameters `?token=` and `?XSRF-TOKEN=` also count, but only on an upgrade.
   *
   * The cookie takes precedence because the platform's ingress adds `Authorization: Basic` with a
   * placeholder password to requests signed in with a cookie.
   *
   * @returns `undefined` if there are none; a cookie without an XSRF token does not count
   */
  static from(request: IncomingMessage): CallerCredentials | undefined {
    const query = upgradeQuery(request);
    const listed = (name: string): string => [request.headers[name] ?? ''].flat().join(',');
    const sentFrom = {
      peer: request.socket.remoteAddress ?? '',
      forwardedFor: listed('x-forwarded-for') || listed('x-real-ip'),
      forwardedHost: listed('x-forwarded-host'),
    };
    const second = request.headers['tfatoken'];
    const twoFactor: Record<string, string> =
      typeof second === 'string' ? { tfatoken: second } : {};

    const cookie = signInCookies(request.headers.cookie ?? '');
    const xsrfToken = request.headers['x-xsrf-token'] ?? query.get('XSRF-TOKEN');
    if (cookie !== undefined && typeof xsrfToken === 'string' && TOKEN.test(xsrfToken)) {
      return new CallerCredentials({ cookie, 'x-xsrf-token': xsrfToken, ...twoFactor }, sentFrom);
    }
    const authorization = request.headers.authorization ?? authorizationOf(query.get('token'));
    return authorization
      ? new CallerCredentials({ authorization, ...twoFactor }, sentFrom, cookie !== undefined)
      : undefined;
  }

  /** The credentials in a form that another replica can use; secret. */
  forReplica(): TransferredCredentials {
    return { headers: this.headers(), sentFrom: this.sentFrom };
  }

  static fromReplica({ headers, sentFrom }: TransferredCredentials): CallerCredentials {
    return new CallerCredentials({ ...headers }, sentFrom);
  }

  /** The credentials of a service user. */
  static basic(tenant: string, user: string, password: Secret): CallerCredentials {
    const encoded = Buffer.from(`${tenant}/${user}:${password.reveal()}`).toString('base64');
    return new CallerCredentials({ authorization: `Basic ${encoded}` });
  }

  /** Whether the credentials may expire: tokens and cookies do, passwords do not. */
  get canExpire(): boolean {
    const authorization = this.#headers['authorization']?.reveal();
    return !authorization || !/^Basic /i.test(authorization);
  }

  /**
   * When the token expires according to its own `exp` claim (RFC 7519 section 4.1.4), in
   * milliseconds since 1970; `undefined` for passwords and for tokens without the claim. The token
   * is not verified here.
   */
  get expiresAtMs(): number | undefined {
    const { exp } = this.tokenClaims();
    return typeof exp === 'number' ? exp * 1000 : undefined;
  }

  /** The user in Basic credentials, or `ten` and `sub` of a token (RFC 7519, section 4.1.2). */
  get claimed(): ClaimedUser | undefined {
    const [, basic] = /^Basic +(\S+)$/i.exec(this.#headers['authorization']?.reveal() ?? '') ?? [];
    if (basic === undefined) {
      const { ten, sub } = this.tokenClaims();
      if (typeof sub !== 'string') return undefined;
      return { tenant: typeof ten === 'string' ? ten : undefined, userName: sub };
    }
    const [name = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':', 1);
    const slash = name.indexOf('/');
    return slash < 0
      ? { tenant: undefined, userName: name }
      : { tenant: name.slice(0, slash), userName: name.slice(slash + 1) };
  }

  /**
   * The claimed user as a text of bounded length, for counting failures. A header that came with a
   * cookie but without an XSRF token is counted separately: any page can make a browser send its
   * user's cookie, to which the ingress adds a header with a wrong password, and must not lock the
   * user out.
   */
  get claimedName(): string {
    const { claimed } = this;
    if (!claimed) return NAMELESS;
    const name = `${claimed.tenant ?? ''}/${claimed.userName}`.slice(0, MAX_NAME_LENGTH);
    return this.hasUnusedCookie ? name + WITH_COOKIE : name;
  }

  /**
   * The same text for the same credentials, without revealing them. It includes the host, because a
   * user name without a tenant means a different user under another host.
   */
  get fingerprint(): string {
    // Some programs send the port and others do not.
    const host = this.sentFrom.forwardedHost.toLowerCase().replace(/:\d+$/, '');
    const identity = JSON.stringify([this.headers(), host]);
    const hash = createHmac('sha256', FINGERPRINT_KEY).update(identity);
    return hash.digest('base64url');
  }

  /** The headers to send to the platform, and to nobody else. */
  headers(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.#headers).map(([name, value]) => [name, value.reveal()]),
    );
  }

  private tokenClaims(): Readonly<Record<string, unknown>> {
    const { authorization, cookie } = this.headers();
    const token = authorization ?? cookie?.match(/(?:^|; )authorization=([^;]*)/)?.[1] ?? '';
    const claims = token.replace(/^Bearer /i, '').split('.')[1] ?? '';
    try {
      const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
      return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
    } catch {
      return {};
    }
  }

  toJSON(): string {
    return '******';
  }

  toString(): string {
    return this.toJSON();
  }

  [inspect.custom](): string {
    return this.toJSON();
  }
}

function upgradeQuery(request: IncomingMessage): URLSearchParams {
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return new URLSearchParams();
  const url = request.url ?? '';
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}

function authorizationOf(token: string | null): string | undefined {
  // An unescaped "+" of base64 is decoded as a space.
  const text = token?.replaceAll(' ', '+') ?? '';
  if (!TOKEN.test(text)) return undefined;
  return JSON_WEB_TOKEN.test(text) ? `Bearer ${text}` : `Basic ${text}`;
}

/**
 * The cookies of the sign-in, as sent. A browser may send several of one name, for example for a
 * domain and for a host in it; which of them counts is up to the platform.
 *
 * @returns `undefined` if `authorization` is not among them
 */
function signInCookies(header: string): string | undefined {
  const pairs = header
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => SIGN_IN_COOKIES.some(name => pair.startsWith(`${name}=`)));
  return pairs.some(pair => pair.startsWith('authorization=')) ? pairs.join('; ') : undefined;
}
