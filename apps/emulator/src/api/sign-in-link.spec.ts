import type { Emulator } from '../emulator';
import { RestClient, startEmulator, type Reply } from '../rest-client.fixture';
import { LINK_LIFETIME_MS } from './sign-in-link';

let emulator: Emulator;
let now: Date;

beforeEach(async () => {
  now = new Date('2026-11-29T10:00:00Z');
  emulator = await startEmulator({ now: () => now });
});
afterEach(() => emulator.stop());

const open = (link: string, headers?: Record<string, string>): Promise<Reply> =>
  new RestClient(emulator.url).get(link.slice(emulator.url.length), headers);

describe('a sign-in link (security)', () => {
  it('signs its user in and redirects to an address without the code', async () => {
    const link = emulator.newSignInLink('engineer');
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in\?code=[\w-]{32}$/);
    const reply = await open(link);
    expect([reply.status, reply.headers.get('location')]).toEqual([303, '/']);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('referrer-policy')).toBe('no-referrer');
    const [code] = link.split('=').slice(-1);
    expect(reply.text + JSON.stringify([...reply.headers])).not.toContain(code);

    const [authorization, xsrf] = reply.headers.getSetCookie();
    expect(authorization).toMatch(/; HttpOnly; Path=\/; Max-Age=28800$/);
    const me = await new RestClient(emulator.url).get('/user/currentUser', {
      Cookie: [authorization, xsrf].map(cookie => cookie!.split(';')[0]).join('; '),
      'X-XSRF-TOKEN': xsrf!.split(';')[0]!.split('=')[1]!,
    });
    expect(me.body).toMatchObject({ id: 'engineer' });
  });

  it('works once, and then says so', async () => {
    const link = emulator.newSignInLink('engineer');
    await open(link);
    const again = await open(link);
    expect(again.status).toBe(410);
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(again.text).toContain('This link is no longer valid');
  });

  it('works for one of many requests at the same time', async () => {
    const link = emulator.newSignInLink('engineer');
    const replies = await Promise.all(Array.from({ length: 20 }, () => open(link)));
    expect(replies.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 410)).toHaveLength(19);
    expect(replies.flatMap(({ headers }) => headers.getSetCookie())).toHaveLength(2);
  });

  it('expires', async () => {
    const [inTime, late] = [emulator.newSignInLink('engineer'), emulator.newSignInLink('engineer')];
    now = new Date(now.getTime() + LINK_LIFETIME_MS - 1);
    expect((await open(inTime)).status).toBe(303);
    now = new Date(now.getTime() + 1);
    expect((await open(late)).status).toBe(410);
  });

  it('is not used up by a prefetch', async () => {
    const link = emulator.newSignInLink('engineer');
    for (const method of ['HEAD', 'POST', 'OPTIONS']) {
      expect((await fetch(link, { method })).status).toBe(405);
    }
    expect((await open(link, { 'Sec-Purpose': 'prefetch;prerender' })).status).toBe(405);
    expect((await open(link)).status).toBe(303);
  });

  it('is not used up by a page of a foreign origin', async () => {
    const link = emulator.newSignInLink('engineer');
    expect((await open(link, { Origin: 'http://evil.example' })).status).toBe(403);
    expect((await open(link)).status).toBe(303);
  });

  it.each(['', '?code=', '?code=x', '?code=%00', '?code=__proto__', '/', '?other=1'])(
    'is not valid as "/sign-in%s"',
    async rest => {
      emulator.newSignInLink('engineer');
      const reply = await open(`${emulator.url}/sign-in${rest}`);
      expect([410, 501]).toContain(reply.status);
      expect(reply.headers.getSetCookie()).toEqual([]);
    },
  );

  it('is useless for a user who was disabled', async () => {
    const link = emulator.newSignInLink('viewer');
    const { accounts } = emulator.store.tenant('t1001')!;
    accounts.put({ ...accounts.get('viewer')!, enabled: false });
    const [authorization, xsrf] = (await open(link)).headers.getSetCookie();
    const me = await new RestClient(emulator.url).get('/user/currentUser', {
      Cookie: authorization!.split(';')[0]!,
      'X-XSRF-TOKEN': xsrf!.split(';')[0]!.split('=')[1]!,
    });
    expect(me.status).toBe(401);
  });
});
