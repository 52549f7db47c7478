import type { AccessTokens, IssuedToken } from '../auth/access-token';
import type { Tenant } from '../store/tenant';

/** The platform's default and minimum, cumulocity.com/docs, "JWT token retrieval". */
const LIFETIME_SECONDS = { default: 3_600, minimum: 300 };

const OPTION = 'oauth.internal/device-token.lifespan.seconds';

/** The tokens of one connection. A new one is issued only after half of the lifetime of the last. */
export class DeviceTokens {
  private last: IssuedToken | undefined;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly tenant: Tenant,
    private readonly user: string,
    private readonly now: () => Date,
  ) {}

  current(): string {
    const nowSeconds = this.now().getTime() / 1000;
    const { iat = 0, exp = 0 } = this.last?.claims ?? {};
    if (this.last && nowSeconds < (iat + exp) / 2) return this.last.token;
    const configured = Number(this.tenant.options.get(OPTION)?.value);
    const seconds = Math.max(
      Number.isInteger(configured) ? configured : LIFETIME_SECONDS.default,
      LIFETIME_SECONDS.minimum,
    );
    this.last = this.tokens.issue(this.tenant.name, this.user, seconds * 1000);
    return this.last.token;
  }
}
