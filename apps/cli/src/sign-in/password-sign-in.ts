import { Secret } from '@remote-access/settings';
import { CliFailure } from '../failures/failure';
import { httpFailure } from '../failures/service-refusals';
import { call } from '../http/http-call';
import type { Profile } from '../profiles/profiles';

/** A signed-in user. */
export interface Authorization {
  /** The value of the `Authorization` header. */
  readonly header: Secret;
  /** The token, if there is one. */
  readonly token?: Secret;
  /** When the token expires. */
  readonly expiresAt?: Date | undefined;
  /**
   * Whether a second factor was needed, so that the password alone will not be enough next time.
   */
  readonly neededCode: boolean;
}

/** Maximum number of attempts to type a code. */
const MAX_CODES = 3;

interface LoginOption {
  type?: unknown;
  initRequest?: string;
}

/**
 * Signs in with a password: for a token if the tenant offers that (OAI-Secure), otherwise with
 * Basic credentials.
 *
 * @param askCode asks for the one-time code of a second factor
 */
export async function signInWithPassword(
  profile: Profile,
  password: Secret,
  askCode: () => Promise<string>,
): Promise<Authorization> {
  const { offersToken, tenant } = await readLoginOptions(profile);
  if (!offersToken) return signInWithBasic(profile, password);
  let code = '';
  for (let asked = 0; ; asked += 1) {
    const form = new URLSearchParams({
      grant_type: 'PASSWORD',
      username: profile.user,
      password: password.reveal(),
      ...(code !== '' && { tfa_code: code }),
    });
    const query = tenant === undefined ? '' : `?tenant_id=${encodeURIComponent(tenant)}`;
    const { status, body } = await call(profile.url, 'POST', `/tenant/oauth/token${query}`, {
      form,
    });
    const token = (body as { access_token?: unknown } | undefined)?.access_token;
    if (status === 200 && typeof token === 'string') {
      const issued = new Secret(token);
      const expiresAt = expiryOfNew(token);
      return { ...tokenAuthorization(issued), expiresAt, neededCode: code !== '' };
    }
    if (status === 404 || status === 405) return signInWithBasic(profile, password);
    if (status !== 401 || !wantsCode(body) || asked === MAX_CODES)
      throw signInFailure(status, body);
    code = (await askCode()).trim();
  }
}

/**
 * @param given a JSON Web Token issued by the platform; files often end with a line break
 * @throws {CliFailure} if no header can contain it
 */
export function tokenAuthorization(given: Secret): Authorization {
  const text = given.reveal().trim();
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new CliFailure('sign-in', 'The token contains characters that no token has.');
  }
  const token = new Secret(text);
  return {
    header: new Secret(`Bearer ${text}`),
    token,
    expiresAt: expiryOf(text),
    neededCode: false,
  };
}

async function readLoginOptions({
  url,
  tenant,
}: Profile): Promise<{ offersToken: boolean; tenant: string | undefined }> {
  const { status, body } = await call(url, 'GET', '/tenant/loginOptions');
  if (status !== 200) throw httpFailure(status, body, 'The ways to sign in cannot be read');
  const list = (body as { loginOptions?: unknown }).loginOptions;
  const options = Array.isArray(list) ? (list as LoginOption[]) : [];
  const internal = options.find(({ type }) => type === 'OAUTH2_INTERNAL');
  const [, offered] = /[?&]tenant_id=([^&]+)/.exec(internal?.initRequest ?? '') ?? [];
  return {
    offersToken: internal !== undefined,
    tenant: tenant ?? (offered && decodeURIComponent(offered)),
  };
}

async function signInWithBasic(profile: Profile, password: Secret): Promise<Authorization> {
  const { url, tenant, user } = profile;
  const name = tenant === undefined ? user : `${tenant}/${user}`;
  const encoded = Buffer.from(`${name}:${password.reveal()}`).toString('base64');
  const header = new Secret(`Basic ${encoded}`);
  const { status, body } = await call(url, 'GET', '/user/currentUser', { authorization: header });
  if (status !== 200) throw signInFailure(status, body);
  return { header, neededCode: false };
}

/** Recognizes "TFA TOTP code required", and similar texts for codes by SMS. */
function wantsCode(body: unknown): boolean {
  return /\bTFA\b/.test((body as { message?: string } | undefined)?.message ?? '');
}

function signInFailure(status: number, body: unknown): CliFailure {
  if (status !== 401 && status !== 403) return httpFailure(status, body, 'The sign-in failed');
  return new CliFailure('sign-in', 'The sign-in was refused.', {
    hint: wantsCode(body)
      ? 'The one-time code is missing or wrong.'
      : 'Check the address, the tenant, the user name and the password.',
  });
}

/** When a token expires by the clock of whoever issued it, which may differ from this machine's. */
function expiryOf(token: string): Date | undefined {
  const { exp } = timesIn(token);
  return exp === undefined ? undefined : new Date(exp * 1000);
}

/** When a token that was issued just now expires by this machine's clock. */
function expiryOfNew(token: string): Date | undefined {
  const { iat, exp } = timesIn(token);
  if (iat === undefined || exp === undefined || exp <= iat) return expiryOf(token);
  return new Date(Date.now() + (exp - iat) * 1000);
}

/** Two claims (RFC 7519, section 4.1), in seconds; verifying the signature is left to the platform. */
function timesIn(token: string): { iat?: number; exp?: number } {
  try {
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { iat, exp } = JSON.parse(claims) as { iat?: unknown; exp?: unknown };
    return {
      ...(typeof iat === 'number' && { iat }),
      ...(typeof exp === 'number' && { exp }),
    };
  } catch {
    // An opaque token: only the platform knows when it expires.
    return {};
  }
}
