import type { IncomingMessage } from 'node:http';
import { claimedName } from './claimed-name';

const nameOf = (authorization?: string): string =>
  claimedName({ headers: { authorization } } as IncomingMessage);
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

it.each([
  ['t1001/ana:secret:with:colons', 't1001/ana'],
  ['ana:', 'ana'],
  ['no colon', 'no colon'],
])('of a Basic sign-in with %j is %j', (text, name) => {
  expect(nameOf(basic(text))).toBe(name);
});

const token = (claims: object | string): string =>
  `eyJ.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

it.each([
  [{ ten: 't1001', sub: 'ana' }, 't1001/ana'],
  [{ sub: 'ana' }, '/ana'],
  [{ ten: 't1001' }, 'token'],
  ['text', 'token'],
])('of a token with %j is %j, in a header or a cookie', (claims, name) => {
  expect(nameOf(`Bearer ${token(claims)}`)).toBe(name);
  const headers = { cookie: `a=b; authorization=${token(claims)}; XSRF-TOKEN=x` };
  expect(claimedName({ headers } as IncomingMessage)).toBe(name);
});

it('never holds a password, nor a token', () => {
  expect(nameOf(basic('ana:secret'))).not.toContain('secret');
  expect(nameOf('Bearer abc')).toBe('token');
  expect(nameOf(undefined)).toBe('token');
});

it('is bounded', () => {
  expect(nameOf(basic(`${'a'.repeat(10_000)}:x`))).toHaveLength(200);
});
