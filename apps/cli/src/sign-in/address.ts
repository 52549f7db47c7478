import { CliFailure } from '../failures/failure';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads the platform's address as users type it.
 *
 * @returns its origin, without a trailing slash
 */
export function readAddress(text: string): string {
  const typed = text.trim();
  const url = parse(/^[a-z]+:\/\//i.test(typed) ? typed : `https://${typed}`);
  if (!url || url.hostname === '' || !/^https?:$/.test(url.protocol)) {
    throw new CliFailure('usage', 'The address is not valid.', {
      hint: 'It looks like https://tenant.example.com.',
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliFailure('usage', 'The address must not contain a user name or password.');
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new CliFailure('usage', 'The address must begin with https://.', {
      hint: 'Over http:// anyone on the network path could read the password. It is allowed for this machine itself only.',
    });
  }
  return url.origin;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** `tenant/user` or `user`. */
export function readUser(text: string): { tenant?: string; user: string } {
  const [, tenant, user = ''] = /^(?:([^/:]+)\/)?([^:/]+)$/.exec(text.trim()) ?? [];
  if (user === '') {
    throw new CliFailure('usage', 'The user name is not valid.', { hint: 'user, or tenant/user' });
  }
  return tenant === undefined ? { user } : { tenant, user };
}
