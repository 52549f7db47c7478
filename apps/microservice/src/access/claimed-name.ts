import type { IncomingMessage } from 'node:http';

/** Longest name that is remembered. */
const MAX_LENGTH = 200;

/** Longer than any that a platform gives. */
const MAX_TOKEN_LENGTH = 16_384;

/** Of a token that does not say whose it is. */
const NOBODY = 'token';

/**
 * Under which name somebody comes, before it is known whether truly: `tenant/user` of a Basic
 * sign-in or of a token, which is not checked here. For counting failures only.
 */
export function claimedName({ headers }: IncomingMessage): string {
  const [, scheme = '', credentials = ''] =
    /^(Basic|Bearer) (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const name =
    scheme.toLowerCase() === 'basic'
      ? nameInBasic(credentials)
      : nameInToken(credentials || cookieToken(headers.cookie));
  return name.slice(0, MAX_LENGTH);
}

function nameInBasic(encoded: string): string {
  const [name = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':', 1);
  return name;
}

function cookieToken(cookies = ''): string {
  return /(?:^|;\s*)authorization=([^;]+)/.exec(cookies)?.[1] ?? '';
}

/** The platform's tokens name tenant and user as `ten` and `sub` (RFC 7519). */
function nameInToken(token: string): string {
  const [, claims = ''] = token.slice(0, MAX_TOKEN_LENGTH).split('.');
  try {
    const { ten, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as {
      ten?: unknown;
      sub?: unknown;
    };
    return typeof sub === 'string' ? `${typeof ten === 'string' ? ten : ''}/${sub}` : NOBODY;
  } catch {
    return NOBODY;
  }
}
