import type { Emulator } from '../emulator';
import { RestClient, startEmulator, type Reply } from '../rest-client.fixture';

describe('signing in', () => {
  let emulator: Emulator;
  let now = new Date();
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const anonymous = () => new RestClient(emulator.url);
  const whoAmI = (headers: Record<string, string>) => anonymous().get('/user/currentUser', headers);
  const oauth = (user: string, password = 'remote-access', tenant = 't1001'): Promise<Reply> =>
    anonymous().post(
      `/tenant/oauth?tenant_id=${tenant}`,
      new URLSearchParams({ grant_type: 'PASSWORD', username: user, password }).toString(),
      form,
    );
  const cookiesOf = ({ headers }: Reply): { token: string; xsrf: string } => {
    const [token, xsrf] = headers.getSetCookie().map(line => /^[^=]+=([^;]*)/.exec(line)![1]!);
    return { token: token!, xsrf: xsrf! };
  };

  beforeEach(async () => {
    now = new Date();
    emulator = await startEmulator({ now: () => now });
  });
  afterEach(() => emulator.stop());

  describe('by Basic', () => {
    it.each([
      ['engineer', 'engineer'],
      ['t1001/engineer', 'engineer'],
      ['device_gw-1', 'device_gw-1'],
      ['t1002/admin', 'admin'],
    ])('accepts %s', async (name, id) => {
      const { status, body } = await new RestClient(emulator.url, name).get('/user/currentUser');
      expect([status, body.id]).toEqual([200, id]);
    });

    it.each([
      ['engineer', 'wrong'],
      ['engineer', ''],
      ['stranger', 'remote-access'],
      ['t1002/engineer', 'remote-access'],
      ['t9999/admin', 'remote-access'],
      ['constructor/admin', 'remote-access'],
    ])('refuses %s with the password "%s"', async (name, password) => {
      const client = new RestClient(emulator.url, name, password);
      const { status, body } = await client.get('/user/currentUser');
      expect(status).toBe(401);
      expect(body).toMatchObject({ error: 'security/Unauthorized', info: expect.any(String) });
    });

    it('refuses a disabled user', async () => {
      emulator.store.tenant('t1001')!.accounts.get('viewer')!.enabled = false;
      const reply = await new RestClient(emulator.url, 'viewer').get('/user/currentUser');
      expect(reply.status).toBe(401);
    });

    it.each(['Basic', 'Basic !!!', 'Basic bm9jb2xvbg==', 'Digest x', 'Bearer', 'Bearer a.b.c'])(
      'refuses the header "%s"',
      async Authorization => {
        expect((await whoAmI({ Authorization })).status).toBe(401);
      },
    );

    it('challenges a browser with Basic and the Web SDK with XBasic', async () => {
      const plain = await whoAmI({});
      const sdk = await whoAmI({ UseXBasic: 'true' });
      expect(plain.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(sdk.headers.get('www-authenticate')).toMatch(/^XBasic /);
    });
  });

  describe('by cookies', () => {
    it('sets a token that scripts cannot read and an XSRF token that they can', async () => {
      const reply = await oauth('engineer');
      expect(reply.status).toBe(200);
      const [token, xsrf] = reply.headers.getSetCookie();
      expect(token).toMatch(/^authorization=[\w-]+\.[\w-]+\.[\w-]+; HttpOnly; Path=\//);
      expect(xsrf).toMatch(/^XSRF-TOKEN=\w+; Path=\//);
      expect(xsrf).not.toMatch(/httponly/i);
    });

    it.each([
      ['engineer', 'wrong', 't1001'],
      ['engineer', 'remote-access', 't1002'],
      ['stranger', 'remote-access', 't1001'],
    ])('refuses %s with "%s" in %s', async (user, password, tenant) => {
      const reply = await oauth(user, password, tenant);
      expect(reply.status).toBe(401);
      expect(reply.headers.getSetCookie()).toEqual([]);
    });

    it('accepts the cookie only together with its XSRF token', async () => {
      const { token, xsrf } = cookiesOf(await oauth('engineer'));
      const other = cookiesOf(await oauth('engineer'));
      const Cookie = `XSRF-TOKEN=${xsrf}; authorization=${token}`;
      const status = async (headers: Record<string, string>) => (await whoAmI(headers)).status;
      expect(await status({ Cookie, 'X-XSRF-TOKEN': xsrf })).toBe(200);
      expect(await status({ Cookie })).toBe(401);
      expect(await status({ Cookie, 'X-XSRF-TOKEN': '' })).toBe(401);
      expect(await status({ Cookie, 'X-XSRF-TOKEN': other.xsrf })).toBe(401);
      expect(await status({ 'X-XSRF-TOKEN': xsrf })).toBe(401);
    });

    it('does not accept an XSRF token in the query of an ordinary call', async () => {
      const { token, xsrf } = cookiesOf(await oauth('engineer'));
      const path = `/user/currentUser?XSRF-TOKEN=${xsrf}`;
      const reply = await anonymous().get(path, { Cookie: `authorization=${token}` });
      expect(reply.status).toBe(401);
    });

    it('ends with signing out', async () => {
      const { token, xsrf } = cookiesOf(await oauth('engineer'));
      const headers = { Cookie: `authorization=${token}`, 'X-XSRF-TOKEN': xsrf };
      expect((await anonymous().post('/user/logout', {}, headers)).status).toBe(200);
      expect((await whoAmI(headers)).status).toBe(401);
    });

    it('ends when the token has expired', async () => {
      const { token, xsrf } = cookiesOf(await oauth('engineer'));
      const headers = { Cookie: `authorization=${token}`, 'X-XSRF-TOKEN': xsrf };
      now = new Date(now.getTime() + 9 * 60 * 60 * 1000);
      expect((await whoAmI(headers)).status).toBe(401);
    });

    it('requires both name and password', async () => {
      const reply = await anonymous().post('/tenant/oauth', 'username=engineer', form);
      expect(reply.status).toBe(400);
    });
  });

  describe('by Bearer', () => {
    const tokenOf = async (user: string): Promise<string> => {
      const fields = new URLSearchParams({ username: user, password: 'remote-access' });
      const reply = await anonymous().post('/tenant/oauth/token', fields.toString(), form);
      return reply.body.access_token;
    };

    it.each(['engineer', 'device_gw-1', 't1002/admin'])('accepts a token of %s', async user => {
      const Authorization = `Bearer ${await tokenOf(user)}`;
      expect((await whoAmI({ Authorization })).body.id).toBe(user.split('/').pop());
    });

    it('refuses a token with changed claims', async () => {
      const [header, payload, signature] = (await tokenOf('viewer')).split('.');
      const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
      const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
      const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
      for (const token of [
        `${header}.${forged}.${signature}`,
        `${none}.${forged}.`,
        `${header}.${payload}.`,
      ]) {
        expect((await whoAmI({ Authorization: `Bearer ${token}` })).status).toBe(401);
      }
    });

    it('refuses a token from before a restart', async () => {
      const other = await startEmulator();
      const fields = 'username=engineer&password=remote-access';
      const { body } = await new RestClient(other.url).post('/tenant/oauth/token', fields, form);
      await other.stop();
      expect((await whoAmI({ Authorization: `Bearer ${body.access_token}` })).status).toBe(401);
    });
  });

  it('returns the login options to everyone', async () => {
    const { status, body } = await anonymous().get('/tenant/loginOptions');
    expect(status).toBe(200);
    expect(body.loginOptions.map((one: { type: string }) => one.type)).toEqual([
      'OAUTH2_INTERNAL',
      'BASIC',
    ]);
  });
});
