import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { CallerCredentials } from '../platform/caller-credentials';

/** Failures allowed per name in {@link WINDOW_MS}; people and agents stay far below. */
const MAX_FAILURES = 10;

const WINDOW_MS = 60_000;

/** Names counted at the same time; the oldest is dropped first. */
const MAX_NAMES = 10_000;

interface Failures {
  count: number;
  readonly since: number;
}

/**
 * Counts failures per claimed name. It is consulted only after a check has failed, so that nobody
 * is locked out by what others try under the same name.
 */
export class AttemptLimit {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly now: () => number = () => Date.now()) {}

  /** Counts one failure. @returns whether there were too many */
  failed(name: string): boolean {
    const known = this.failures.get(name);
    const recent = known && this.now() - known.since < WINDOW_MS ? known : undefined;
    const entry = recent ?? { count: 0, since: this.now() };
    entry.count += 1;
    this.failures.delete(name);
    this.failures.set(name, entry);
    if (this.failures.size > MAX_NAMES) {
      const [oldest] = this.failures.keys();
      this.failures.delete(oldest!);
    }
    return entry.count > MAX_FAILURES;
  }
}

/** Names are cut to this length. */
const MAX_LENGTH = 200;

/** Longer than any token the platform issues. */
const MAX_TOKEN_LENGTH = 16_384;

/** Stands for a token that names no user. */
const NAMELESS = 'token';

/**
 * The user name in the credentials, not yet verified: `tenant/user` of a Basic sign-in or of a
 * token. For counting failures only.
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
    return typeof sub === 'string' ? `${typeof ten === 'string' ? ten : ''}/${sub}` : NAMELESS;
  } catch {
    return NAMELESS;
  }
}

/** Limits guessing of credentials per claimed name, over REST and WebSockets together. */
@Injectable()
export class FailedSignIns {
  private readonly limit = new AttemptLimit();

  /** @returns the refusal, or `too-many-requests` once a name has failed too often */
  throttle(request: IncomingMessage, refusal: Refusal): Refusal {
    const isFailure = refusal.code === 'unauthenticated' && CallerCredentials.from(request);
    return isFailure && this.limit.failed(claimedName(request))
      ? new RemoteAccessError('too-many-requests')
      : refusal;
  }
}
