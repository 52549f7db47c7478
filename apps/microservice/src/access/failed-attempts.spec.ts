import type { IncomingMessage } from 'node:http';
import { AttemptLimit, claimedName } from './failed-attempts';

describe('AttemptLimit', () => {
  let now = 0;
  const limit = (): AttemptLimit => new AttemptLimit(() => now);
  beforeEach(() => (now = 0));

  it('allows ten failures of a name per minute', () => {
    const attempts = limit();
    const answers = Array.from({ length: 12 }, () => attempts.failed('ana'));
    expect(answers).toEqual([...Array<boolean>(10).fill(false), true, true]);
  });

  it('counts each name separately', () => {
    const attempts = limit();
    for (let count = 0; count < 20; count += 1) attempts.failed('ana');
    expect(attempts.failed('ben')).toBe(false);
  });

  it('starts over after a minute', () => {
    const attempts = limit();
    for (let count = 0; count < 20; count += 1) attempts.failed('ana');
    now = 60_000;
    expect(attempts.failed('ana')).toBe(false);
  });

  it('counts a bounded number of names, and drops the least active ones first', () => {
    const attempts = limit();
    for (let count = 0; count < 10; count += 1) attempts.failed('ana');
    for (let count = 0; count < 9_999; count += 1) attempts.failed(`stranger ${count}`);
    expect(attempts.failed('ana')).toBe(true);
    for (let count = 0; count < 10_001; count += 1) attempts.failed(`other ${count}`);
    expect(attempts.failed('ana')).toBe(false);
  });
});

describe('claimedName', () => {
  const nameOf = (authorization?: string): string =>
    claimedName({ headers: { authorization } } as IncomingMessage);
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  it.each([
    ['t1001/ana:secret:with:colons', 't1001/ana'],
    ['ana:', 'ana'],
    ['no colon', 'no colon'],
  ])('reads the name of the Basic sign-in %j as %j', (text, name) => {
    expect(nameOf(basic(text))).toBe(name);
  });

  const token = (claims: object | string): string =>
    `eyJ.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

  it.each([
    [{ ten: 't1001', sub: 'ana' }, 't1001/ana'],
    [{ sub: 'ana' }, '/ana'],
    [{ ten: 't1001' }, 'token'],
    ['text', 'token'],
  ])('reads the name of a token with %j as %j, in a header and in a cookie', (claims, name) => {
    expect(nameOf(`Bearer ${token(claims)}`)).toBe(name);
    const headers = { cookie: `a=b; authorization=${token(claims)}; XSRF-TOKEN=x` };
    expect(claimedName({ headers } as IncomingMessage)).toBe(name);
  });

  it('contains neither a password nor a token', () => {
    expect(nameOf(basic('ana:secret'))).not.toContain('secret');
    expect(nameOf('Bearer abc')).toBe('token');
    expect(nameOf(undefined)).toBe('token');
  });

  it('is cut to a bounded length', () => {
    expect(nameOf(basic(`${'a'.repeat(10_000)}:x`))).toHaveLength(200);
  });
});
