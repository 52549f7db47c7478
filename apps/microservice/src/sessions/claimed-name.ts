import type { IncomingMessage } from 'node:http';

/** Longest name that is remembered. */
const MAX_LENGTH = 200;

/**
 * Under which name somebody comes, before it is known whether truly: `tenant/user` of a Basic
 * sign-in, `token` for everything else. For counting failures only.
 */
export function claimedName({ headers }: IncomingMessage): string {
  const basic = /^Basic ([\w+/=-]+)$/i.exec(headers.authorization ?? '')?.[1];
  if (basic === undefined) return 'token';
  const [name = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':', 1);
  return name.slice(0, MAX_LENGTH);
}
