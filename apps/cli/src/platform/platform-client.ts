import { CliFailure } from '../failures/failure';
import { httpFailure } from '../failures/service-refusals';
import { call, type HttpCall } from '../http/http-call';
import type { Account } from '../sign-in/account';

/** The path under which the platform routes to the remote access service. */
export const SERVICE = '/service/remoteaccess';

/** Sends requests to the platform as the signed-in user. */
export class PlatformClient {
  private renewal: Promise<boolean> | undefined;

  constructor(readonly account: Account) {}

  get url(): string {
    return this.account.url;
  }

  /**
   * @param what the beginning of the message if the request fails, e.g. "The gateways cannot be
   *   listed"
   * @throws {CliFailure}
   */
  async json<Body>(
    method: string,
    path: string,
    what: string,
    options: Omit<HttpCall, 'authorization'> = {},
  ): Promise<Body> {
    const found = await this.find<Body>(method, path, what, options);
    if (found === undefined) throw new CliFailure('not-found', `${what}: it does not exist.`);
    return found;
  }

  /** @returns `undefined` for the platform's plain 404; a refusal by the service is thrown */
  async find<Body>(
    method: string,
    path: string,
    what: string,
    options: Omit<HttpCall, 'authorization'> = {},
  ): Promise<Body | undefined> {
    const request = () =>
      call(this.url, method, path, { ...options, authorization: this.account.authorization });
    let { status, body } = await request();
    if (status === 401 && (await this.renew())) ({ status, body } = await request());
    if (status >= 200 && status < 300) return (body ?? null) as Body;
    const failure = httpFailure(status, body, what);
    if (status === 404 && failure.code === undefined) return undefined;
    throw status === 401 ? signedOut(failure) : failure;
  }

  /** Signs in again, once for all concurrent requests that notice that it is necessary. */
  renew(): Promise<boolean> {
    this.renewal ??= this.account.renew().finally(() => (this.renewal = undefined));
    return this.renewal;
  }
}

function signedOut({ message, code }: CliFailure): CliFailure {
  const hint = 'The sign-in has expired or was withdrawn. Run remote-access login.';
  return new CliFailure('sign-in', message, { hint, ...(code !== undefined && { code }) });
}
