import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The claims of a token, with the names that the platform uses. */
export interface TokenClaims {
  /** Token id. */
  jti: string;
  /** User name. */
  sub: string;
  /** Tenant. */
  ten: string;
  /** Issued at and expires at, in seconds since 1970. */
  iat: number;
  exp: number;
  /** Required in addition to the token if a browser sends it as a cookie. */
  xsrfToken: string;
}

export interface IssuedToken {
  readonly token: string;
  readonly claims: TokenClaims;
}

/** A working day. The platform's default is several days. */
export const TOKEN_LIFETIME_MS = 8 * 60 * 60 * 1000;

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/**
 * Issues and verifies the JSON Web Tokens (RFC 7519, HS256) of OAI-Secure and of devices. The key
 * lives as long as the process, so a restart signs everyone out.
 */
export class AccessTokens {
  private readonly key = randomBytes(32);
  /** Token id → when it would have expired. */
  private readonly revoked = new Map<string, number>();

  constructor(private readonly now: () => Date) {}

  issue(tenant: string, user: string, lifetimeMs = TOKEN_LIFETIME_MS): IssuedToken {
    const issuedAt = Math.floor(this.now().getTime() / 1000);
    const claims: TokenClaims = {
      jti: randomBytes(16).toString('hex'),
      sub: user,
      ten: tenant,
      iat: issuedAt,
      exp: issuedAt + lifetimeMs / 1000,
      xsrfToken: randomBytes(16).toString('hex'),
    };
    const signed = `${HEADER}.${encode(claims)}`;
    return { token: `${signed}.${this.sign(signed).toString('base64url')}`, claims };
  }

  /** @returns the claims if the token is valid */
  verify(token: string): TokenClaims | undefined {
    const [header, payload, signature, ...rest] = token.split('.');
    if (header !== HEADER || !payload || !signature || rest.length > 0) return undefined;
    const expected = this.sign(`${header}.${payload}`);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as TokenClaims;
    if (claims.exp * 1000 <= this.now().getTime() || this.revoked.has(claims.jti)) return undefined;
    return claims;
  }

  /** Invalidates a token before it expires. */
  revoke(claims: TokenClaims): void {
    const nowSeconds = this.now().getTime() / 1000;
    for (const [jti, exp] of this.revoked) if (exp < nowSeconds) this.revoked.delete(jti);
    this.revoked.set(claims.jti, claims.exp);
  }

  private sign(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
