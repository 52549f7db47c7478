import { OPTION_CATEGORY, type TenantOption } from '@remote-access/contracts/platform';
import type { PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';

/** The tenant options of remote access. */
export class OptionStore {
  constructor(private readonly platform: PlatformCalls) {}

  /** @returns the value; `undefined` when the option is not set. */
  async read(key: string): Promise<string | undefined | Refusal> {
    const { status, body } = await this.platform.call('GET', pathOf(key));
    if (status === 404) return undefined;
    return status === 200 ? (body as TenantOption).value : Refusal.of(status, body);
  }

  /** @returns `undefined` when written. */
  async write(key: string, value: string): Promise<Refusal | undefined> {
    // PUT creates an option as well.
    const { status, body } = await this.platform.call('PUT', pathOf(key), { value });
    return status === 200 || status === 201 ? undefined : Refusal.of(status, body);
  }
}

function pathOf(key: string): string {
  return `/tenant/options/${OPTION_CATEGORY}/${encodeURIComponent(key)}`;
}
