import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetworkRoute } from '@remote-access/network';
import { Secret } from '@remote-access/settings';

/** The version of this program. */
export const VERSION: string = (
  JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
    version: string;
  }
).version;

/** How to reach the platform, and as which user. */
export interface PlatformAccess {
  /** `https://tenant.example.com`, without a trailing slash. */
  readonly baseUrl: string;
  readonly route: NetworkRoute;
  /** The value of an `Authorization` header; rejects if there are no credentials at the moment. */
  authorization(): Promise<string>;
}

export interface BasicCredentials {
  /** `tenant/user`, or `user` if the platform derives the tenant from its URL. */
  readonly user: string;
  readonly password: Secret | string;
}

/** Access to the platform with a user name and a password. */
export function accessWithPassword(
  baseUrl: string,
  credentials: BasicCredentials,
  route = new NetworkRoute(),
): PlatformAccess {
  const authorization = basicAuthorization(credentials);
  return { baseUrl, route, authorization: () => Promise.resolve(authorization.reveal()) };
}

export function passwordOf({ password }: Pick<BasicCredentials, 'password'>): string {
  return typeof password === 'string' ? password : password.reveal();
}

function basicAuthorization({ user, password }: BasicCredentials): Secret {
  const text = `${user}:${passwordOf({ password })}`;
  return new Secret(`Basic ${Buffer.from(text).toString('base64')}`);
}
