/** The values of the sign-in form. */
export interface SignInForm {
  /** Empty if the host name or the login options determine the tenant. */
  tenant: string;
  /** May be `tenant/user`, as on the platform's own page. */
  username: string;
  password: string;
  type: 'cookie' | 'basic';
}

/** `undefined` if signed in, otherwise the error for the user. */
export type SignInOutcome = string | undefined;

/** Where the Web SDK looks for Basic credentials. */
const BASIC_KEY = '_tcy8';

/**
 * Signs in on the platform, either for cookies (`POST /tenant/oauth`) or with Basic credentials
 * that the Web SDK finds in the session storage.
 */
export class SignIn {
  constructor(
    private readonly request: typeof fetch,
    private readonly session: Storage,
    private readonly local: Storage,
  ) {}

  async with(form: SignInForm): Promise<SignInOutcome> {
    const { tenant, user } = splitUsername(form);
    try {
      return form.type === 'basic'
        ? await this.basic(tenant ? `${tenant}/${user}` : user, form.password)
        : await this.cookie(tenant, user, form.password);
    } catch {
      return 'Cumulocity cannot be reached. Check the connection and try again.';
    }
  }

  private async cookie(tenant: string, username: string, password: string): Promise<SignInOutcome> {
    const query = tenant
      ? `?${new URLSearchParams({ tenant_id: tenant })}`
      : await this.ownTenant();
    const response = await this.request(`/tenant/oauth${query}`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'PASSWORD', username, password, tfa_code: '' }),
    });
    if (!response.ok) return refusal(response);
    // Basic credentials from an earlier sign-in would take precedence over the cookie.
    this.session.removeItem(BASIC_KEY);
    this.local.removeItem(BASIC_KEY);
    return undefined;
  }

  private async basic(user: string, password: string): Promise<SignInOutcome> {
    const token = base64(`${user}:${password}`);
    const response = await this.request('/user/currentUser', {
      // UseXBasic keeps the browser from opening its own dialog on 401.
      headers: { Authorization: `Basic ${token}`, UseXBasic: 'true', Accept: 'application/json' },
      credentials: 'omit',
    });
    if (!response.ok) return refusal(response);
    this.local.removeItem(BASIC_KEY);
    this.session.setItem(BASIC_KEY, token);
    return undefined;
  }

  /** The query that the login options specify for this host, e.g. `?tenant_id=t1001`. */
  private async ownTenant(): Promise<string> {
    const response = await this.request('/tenant/loginOptions', {
      headers: { Accept: 'application/json' },
    });
    if (!response.ok) return '';
    const { loginOptions = [] } = (await response.json()) as {
      loginOptions?: { type?: string; initRequest?: string }[];
    };
    const { initRequest } = loginOptions.find(option => option.type === 'OAUTH2_INTERNAL') ?? {};
    return initRequest?.includes('?') ? initRequest.slice(initRequest.indexOf('?')) : '';
  }
}

/**
 * Where to go after sign-in: the page that required it, if it is a path of this host. `//host` and
 * `/\host` would lead to another host.
 */
export function afterSignIn(wanted: string | null): string {
  return wanted && /^\/(?![/\\])/.test(wanted) ? wanted : '/';
}

function splitUsername(form: SignInForm): { tenant: string; user: string } {
  const username = form.username.trim();
  const slash = username.indexOf('/');
  return slash < 0
    ? { tenant: form.tenant.trim(), user: username }
    : { tenant: username.slice(0, slash), user: username.slice(slash + 1) };
}

async function refusal(response: Response): Promise<string> {
  const text = await response.text();
  if (/tfa|second factor/i.test(text)) {
    return 'This user needs two-factor authentication, which this page does not support.';
  }
  switch (response.status) {
    case 400:
    case 401:
      return 'The username, password or tenant is wrong.';
    case 403:
      return 'This user is not allowed to sign in. Ask your administrator.';
    case 404:
    case 501:
      return 'This sign-in type is not available. Choose another one under More options.';
    case 429:
      return 'Too many attempts. Wait a moment and try again.';
    default:
      return 'Cumulocity answered with an error. Try again later.';
  }
}

/** Base64 of the UTF-8 bytes: btoa alone rejects characters beyond Latin-1. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
