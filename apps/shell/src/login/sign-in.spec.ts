import { afterSignIn, SignIn, type SignInForm } from './sign-in';

const FORM: SignInForm = { tenant: '', username: 'engineer', password: 'pässword', type: 'cookie' };

interface Answer {
  status: number;
  body?: unknown;
}

/** A platform that answers by path and records the requests. */
function platform(answers: Record<string, Answer>) {
  const asked: { path: string; init: RequestInit }[] = [];
  const request = ((path: string, init: RequestInit) => {
    asked.push({ path, init });
    const answer = answers[path];
    if (!answer) return Promise.reject(new TypeError('Failed to fetch'));
    const text = JSON.stringify(answer.body ?? {});
    return Promise.resolve({
      ok: answer.status < 400,
      status: answer.status,
      text: () => Promise.resolve(text),
      json: () => Promise.resolve(answer.body),
    });
  }) as unknown as typeof fetch;
  return { asked, signIn: new SignIn(request, sessionStorage, localStorage) };
}

const OPTIONS = {
  status: 200,
  body: { loginOptions: [{ type: 'OAUTH2_INTERNAL', initRequest: '/x?tenant_id=t1001' }] },
};

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

describe('SignIn with cookies', () => {
  it('takes the tenant from the login options if none is given', async () => {
    const { signIn, asked } = platform({
      '/tenant/loginOptions': OPTIONS,
      '/tenant/oauth?tenant_id=t1001': { status: 200 },
    });
    await expect(signIn.with(FORM)).resolves.toBeUndefined();
    expect((asked[1]?.init.body as URLSearchParams).toString()).toBe(
      'grant_type=PASSWORD&username=engineer&password=p%C3%A4ssword&tfa_code=',
    );
  });

  it.each([
    { tenant: ' t7 ', username: 'engineer' },
    { tenant: '', username: 't7/engineer' },
  ])('signs in to the given tenant: %p', async who => {
    const { signIn } = platform({ '/tenant/oauth?tenant_id=t7': { status: 200 } });
    await expect(signIn.with({ ...FORM, ...who })).resolves.toBeUndefined();
  });

  it('removes Basic credentials, which would take precedence over the cookie', async () => {
    sessionStorage.setItem('_tcy8', 'x');
    localStorage.setItem('_tcy8', 'x');
    const { signIn } = platform({ '/tenant/oauth?tenant_id=t7': { status: 200 } });
    await signIn.with({ ...FORM, tenant: 't7' });
    expect([sessionStorage.getItem('_tcy8'), localStorage.getItem('_tcy8')]).toEqual([null, null]);
  });
});

describe('SignIn with Basic', () => {
  it('stores the credentials for this tab once the platform has accepted them', async () => {
    const { signIn } = platform({ '/user/currentUser': { status: 200 } });
    await signIn.with({ ...FORM, type: 'basic', tenant: 't7' });
    const stored = Buffer.from(sessionStorage.getItem('_tcy8') ?? '', 'base64').toString('utf8');
    expect(stored).toBe('t7/engineer:pässword');
  });

  it('stores nothing if sign-in is refused', async () => {
    const { signIn } = platform({ '/user/currentUser': { status: 401 } });
    await signIn.with({ ...FORM, type: 'basic' });
    expect(sessionStorage.getItem('_tcy8')).toBeNull();
  });
});

describe('SignIn that fails', () => {
  it.each([
    [401, /wrong/],
    [403, /not allowed/],
    [501, /not available/],
    [429, /Too many/],
    [500, /answered with an error/],
  ])('explains status %p', async (status, message) => {
    const { signIn } = platform({ '/user/currentUser': { status } });
    await expect(signIn.with({ ...FORM, type: 'basic' })).resolves.toMatch(message);
  });

  it('reports that a second factor is needed', async () => {
    const { signIn } = platform({
      '/tenant/oauth?tenant_id=t7': { status: 401, body: { message: 'TFA TOTP code required' } },
    });
    await expect(signIn.with({ ...FORM, tenant: 't7' })).resolves.toMatch(/two-factor/);
  });

  it('reports that the platform cannot be reached', async () => {
    await expect(platform({}).signIn.with(FORM)).resolves.toMatch(/cannot be reached/);
  });
});

describe('afterSignIn', () => {
  it('returns to the page that required sign-in', () => {
    expect(afterSignIn('/apps/devicemanagement/#/device/1')).toBe(
      '/apps/devicemanagement/#/device/1',
    );
  });

  it.each([null, '', 'https://elsewhere', '//elsewhere', '/\\elsewhere', 'javascript:alert(1)'])(
    'goes to the start instead of %p',
    wanted => {
      expect(afterSignIn(wanted)).toBe('/');
    },
  );
});
