import { TOKEN_LIFETIME_MS, type IssuedToken } from '../auth/access-token';
import { DEFAULT_TENANT } from '../auth/authentication';
import { isOneTimeCode } from '../auth/one-time-code';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { Account } from '../store/tenant';
import { answers, type Call, type Outcome, type PublicCall, type Route } from '../rest/call';

/** Sign-in with cookies or for a token (OAI-Secure), and sign-out. */
export const signInRoutes: readonly Route[] = [
  { method: 'GET', path: '/tenant/loginOptions', open: true, handle: loginOptions },
  { method: 'POST', path: '/tenant/oauth', open: true, handle: signInWithCookies },
  { method: 'POST', path: '/tenant/oauth/token', open: true, handle: signInForToken },
  { method: 'POST', path: '/user/logout', handle: signOut },
];

/** Public, because the sign-in page needs it before anyone has signed in. */
function loginOptions(call: PublicCall): Outcome {
  const self = `${call.origin}/tenant/loginOptions`;
  return answers.ok({
    loginOptions: [
      {
        id: 'OAUTH2_INTERNAL',
        type: 'OAUTH2_INTERNAL',
        providerName: 'Cumulocity',
        userManagementSource: 'INTERNAL',
        grantType: 'PASSWORD',
        visibleOnLoginPage: true,
        initRequest: `${call.origin}/tenant/oauth?tenant_id=${DEFAULT_TENANT}`,
        self: `${self}/OAUTH2_INTERNAL`,
      },
      {
        id: 'BASIC',
        type: 'BASIC',
        userManagementSource: 'INTERNAL',
        visibleOnLoginPage: false,
        self: `${self}/BASIC`,
      },
    ],
    self,
  });
}

function signInWithCookies(call: PublicCall): Outcome {
  const session = openSession(call);
  if (session instanceof PlatformRefusal) return session;
  return { status: 200, headers: { 'Set-Cookie': cookiesOf(session) } };
}

/** The values of `Set-Cookie` that sign a browser in. */
export function cookiesOf({ token, claims }: IssuedToken): string[] {
  // Never `Secure`, not even over TLS: a browser would then refuse the sign-in over plain HTTP on
  // the same host.
  const rest = `; Path=/; Max-Age=${TOKEN_LIFETIME_MS / 1000}`;
  return [
    `authorization=${token}; HttpOnly${rest}`,
    // Scripts must be able to read this cookie and send it as a header.
    `XSRF-TOKEN=${claims.xsrfToken}${rest}`,
  ];
}

function signInForToken(call: PublicCall): Outcome {
  const session = openSession(call);
  return session instanceof PlatformRefusal ? session : answers.ok({ access_token: session.token });
}

function signOut(call: Call): Outcome {
  const { authentication } = call.platform;
  const bearer = /^Bearer +(.+)$/i.exec(call.request.headers.authorization ?? '')?.[1];
  const claims = bearer
    ? authentication.tokens.verify(bearer)
    : authentication.cookieClaims(call.request);
  if (claims) authentication.tokens.revoke(claims);
  const gone = '; Path=/; Max-Age=0';
  return {
    status: 200,
    headers: { 'Set-Cookie': [`authorization=; HttpOnly${gone}`, `XSRF-TOKEN=${gone}`] },
  };
}

function openSession({ platform, query, body }: PublicCall) {
  const { username, password } = body;
  const grantType = body['grant_type'];
  if (typeof username !== 'string' || typeof password !== 'string') {
    return refusals.badRequest('username and password are mandatory');
  }
  if (grantType !== undefined && grantType !== 'PASSWORD') {
    return refusals.notEmulated('grant types other than PASSWORD');
  }
  const slash = username.indexOf('/');
  const tenant = slash < 0 ? (query.get('tenant_id') ?? DEFAULT_TENANT) : username.slice(0, slash);
  const account = platform.authentication.fromPassword(tenant, username.slice(slash + 1), password);
  if (account instanceof PlatformRefusal) return account;
  const refusal = secondFactorRefusal(account, body['tfa_code'], platform.store.now());
  if (refusal) return refusal;
  return platform.authentication.tokens.issue(tenant, account.id);
}

function secondFactorRefusal(
  { totpSecret }: Account,
  code: unknown,
  now: Date,
): PlatformRefusal | undefined {
  if (totpSecret === undefined) return undefined;
  if (typeof code !== 'string' || code === '') {
    return refusals.unauthorized('TFA TOTP code required');
  }
  if (isOneTimeCode(code, totpSecret, now)) return undefined;
  return refusals.unauthorized('Invalid TFA TOTP code');
}
