import { createHash, randomBytes } from 'node:crypto';
import express, { type Router } from 'express';
import type { AccessTokens } from '../auth/access-token';
import { cookiesOf } from './sign-in';

/** Enough to switch to the browser, and short for a terminal that others may see later. */
export const LINK_LIFETIME_MS = 15 * 60 * 1000;

const PATH = '/sign-in';

interface LinkedUser {
  readonly tenant: string;
  readonly user: string;
}

/** Links that sign a user in, once and without a password. They are lost when the process ends. */
export class SignInLinks {
  /** Keyed by the hash of the code, so that the time of a lookup reveals nothing about the code. */
  private readonly links = new Map<string, LinkedUser & { readonly expiresAt: number }>();

  constructor(private readonly now: () => Date) {}

  /** @returns path and query of a new link */
  issue(linked: LinkedUser): string {
    const code = randomBytes(24).toString('base64url');
    const expiresAt = this.now().getTime() + LINK_LIFETIME_MS;
    this.links.set(digest(code), { ...linked, expiresAt });
    return `${PATH}?code=${code}`;
  }

  /** Uses up a link. @returns `undefined` if it is unknown, used or expired */
  redeem(code: string): LinkedUser | undefined {
    const key = digest(code);
    const link = this.links.get(key);
    this.links.delete(key);
    return link && link.expiresAt > this.now().getTime() ? link : undefined;
  }
}

/**
 * Serves the links: sets the cookies of a sign-in and redirects to `/`, so that the code stays
 * neither in the address bar nor in the browser's history.
 */
export function signInLinkRoute(links: SignInLinks, tokens: AccessTokens): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.all(PATH, (request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    // A prefetch must not use up the link.
    if (request.method !== 'GET' || request.headers['sec-purpose'] !== undefined) {
      response.status(405).set('Allow', 'GET').end();
      return;
    }
    const code = new URLSearchParams(request.url.split('?')[1]).get('code') ?? '';
    const linked = links.redeem(code);
    if (!linked) {
      const policy = "default-src 'none'; style-src 'unsafe-inline'";
      response.status(410).set('Content-Security-Policy', policy).type('html').send(GONE);
      return;
    }
    response.set('Set-Cookie', cookiesOf(tokens.issue(linked.tenant, linked.user)));
    response.redirect(303, '/');
  });
  return router;
}

function digest(code: string): string {
  return createHash('sha256').update(code).digest('base64');
}

const GONE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Link no longer valid</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 4rem auto; padding: 0 1rem; }
    </style>
  </head>
  <body>
    <h1>This link is no longer valid</h1>
    <p>
      It signs in one time, and within ${LINK_LIFETIME_MS / 60_000} minutes. The password was printed together
      with the link.
    </p>
    <p><a href="/">Go to Device Management</a></p>
  </body>
</html>
`;
