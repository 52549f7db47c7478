import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { CallerCredentials } from './caller-credentials';

const JWT = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJlbmdpbmVlciJ9.c2lnbmF0dXJl';
const BASIC = Buffer.from('t1001/engineer:remote-access').toString('base64');

function credentialsOf(headers: IncomingMessage['headers'], url = '/') {
  return CallerCredentials.from({ headers, url, socket: {} } as IncomingMessage);
}

function headersOf(headers: IncomingMessage['headers'], url = '/'): unknown {
  return credentialsOf(headers, url)?.headers();
}

const upgrade = { upgrade: 'websocket' };

describe('CallerCredentials', () => {
  it('are the unchanged Authorization header, with the second factor', () => {
    const headers = { authorization: `Basic ${BASIC}`, tfatoken: '123456', 'x-other': 'x' };
    expect(headersOf(headers)).toEqual({ authorization: `Basic ${BASIC}`, tfatoken: '123456' });
  });

  it('are the sign-in cookies and the XSRF token, without other cookies', () => {
    const cookie = `theme=dark; authorization=${JWT}; XSRF-TOKEN=abc`;
    const forwarded = { cookie: `authorization=${JWT}; XSRF-TOKEN=abc`, 'x-xsrf-token': 'abc' };
    expect(headersOf({ cookie, 'x-xsrf-token': 'abc' })).toEqual(forwarded);
    expect(headersOf({ cookie, ...upgrade }, '/client/1?XSRF-TOKEN=abc')).toEqual(forwarded);
  });

  it('are all cookies of those names in their order: the platform decides which of them counts', () => {
    const cookie = `authorization=${JWT}; XSRF-TOKEN=abc; authorization=other; XSRF-TOKEN=x`;
    expect(headersOf({ cookie, 'x-xsrf-token': 'abc' })).toEqual({ cookie, 'x-xsrf-token': 'abc' });
    expect(credentialsOf({ cookie, 'x-xsrf-token': 'abc' })?.claimed?.userName).toBe('engineer');
  });

  it('are the cookie, not the placeholder that the ingress adds', () => {
    const cookie = `authorization=${JWT}; XSRF-TOKEN=abc`;
    const standIn = { authorization: `Basic ${BASIC}` };
    const forwarded = { cookie, 'x-xsrf-token': 'abc' };
    expect(headersOf({ cookie, 'x-xsrf-token': 'abc', ...standIn })).toEqual(forwarded);
    expect(headersOf({ cookie, ...standIn, ...upgrade }, '/client/1?XSRF-TOKEN=abc')).toEqual(
      forwarded,
    );
    expect(headersOf({ cookie, ...standIn })).toEqual(standIn);
  });

  it('are absent if a cookie comes without an XSRF token', () => {
    expect(headersOf({ cookie: `authorization=${JWT}; XSRF-TOKEN=abc` })).toBeUndefined();
    expect(headersOf({ cookie: `authorization=${JWT}`, 'x-xsrf-token': 'a\nb' })).toBeUndefined();
  });

  it('are read from ?token= of an upgrade, as Basic or Bearer', () => {
    const basic = { authorization: `Basic ${BASIC}` };
    expect(headersOf(upgrade, `/client/1?token=${encodeURIComponent(BASIC)}`)).toEqual(basic);
    expect(headersOf(upgrade, `/client/1?token=${JWT}`)).toEqual({
      authorization: `Bearer ${JWT}`,
    });
    expect(headersOf(upgrade, '/client/1?token=a%2Bb%2F')).toEqual({ authorization: 'Basic a+b/' });
    expect(headersOf(upgrade, '/client/1?token=a+b/')).toEqual({ authorization: 'Basic a+b/' });
  });

  it('are not read from the query of a plain request', () => {
    expect(headersOf({}, `/devices/1?token=${BASIC}`)).toBeUndefined();
  });

  it.each(['', 'a%0D%0Ab', '%22', 'x'.repeat(20_000)])('are absent for the token %j', token => {
    expect(headersOf(upgrade, `/client/1?token=${token}`)).toBeUndefined();
  });

  it('print as blanks', () => {
    const credentials = credentialsOf({ authorization: `Basic ${BASIC}` });
    const prints = [JSON.stringify({ credentials }), String(credentials)];
    prints.push(inspect({ credentials }, { depth: 9, showHidden: true }));
    for (const text of prints) {
      expect(text).toContain('******');
      expect(text).not.toContain(BASIC);
    }
  });
});

describe('the claimed user', () => {
  const claimedBy = (authorization: string) => credentialsOf({ authorization });
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  it.each([
    ['t1001/ana:secret:with:colons', { tenant: 't1001', userName: 'ana' }],
    ['ana:', { tenant: undefined, userName: 'ana' }],
    ['no colon', { tenant: undefined, userName: 'no colon' }],
  ])('of the Basic sign-in %j is %j', (text, claimed) => {
    expect(claimedBy(basic(text))?.claimed).toEqual(claimed);
  });

  const token = (claims: object | string): string =>
    `eyJ.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

  it.each([
    [{ ten: 't1001', sub: 'ana' }, 't1001/ana'],
    [{ sub: 'ana' }, '/ana'],
    [{ ten: 't1001' }, 'token'],
    ['text', 'token'],
  ])('of a token with %j is %j, in a header and in a cookie', (claims, name) => {
    expect(claimedBy(`Bearer ${token(claims)}`)?.claimedName).toBe(name);
    const cookie = `a=b; authorization=${token(claims)}; XSRF-TOKEN=x`;
    expect(credentialsOf({ cookie, 'x-xsrf-token': 'x' })?.claimedName).toBe(name);
  });

  it('contains neither a password nor a token', () => {
    expect(claimedBy(basic('ana:secret'))?.claimedName).toBe('/ana');
    expect(claimedBy('Bearer abc')?.claimedName).toBe('token');
  });

  it('is truncated to a bounded length for counting', () => {
    expect(claimedBy(basic(`${'a'.repeat(10_000)}:x`))?.claimedName).toHaveLength(200);
  });
});
