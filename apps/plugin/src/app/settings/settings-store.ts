import type { SettingsBody, ShownSettings } from '@remote-access/contracts';
import type { PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';

const PATH = '/service/remoteaccess/settings';

/** The tenant's settings, kept by the remote access service: it checks them and writes the audit. */
export class SettingsStore {
  constructor(private readonly platform: PlatformCalls) {}

  async read(): Promise<ShownSettings | Refusal> {
    const { status, body } = await this.platform.call('GET', PATH);
    return status === 200 ? (body as ShownSettings) : Refusal.of(status, body);
  }

  /** @returns what is in force then; `conflict` where the revision is not the one in force */
  async write(settings: SettingsBody): Promise<ShownSettings | Refusal> {
    const { status, body } = await this.platform.call('PUT', PATH, settings);
    return status === 200 ? (body as ShownSettings) : Refusal.of(status, body);
  }
}
