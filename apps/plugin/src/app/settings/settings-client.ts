import type { RemoteAccessSettings, SettingsBody, ShownSettings } from '@remote-access/contracts';
import type { PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import { gettext } from '../ui/message';

const PATH = '/service/remoteaccess/settings';

/** Reads and writes the tenant's settings. The service validates and audits every change. */
export class SettingsClient {
  constructor(private readonly platform: PlatformCalls) {}

  async read(): Promise<ShownSettings | Refusal> {
    const { status, body } = await this.platform.call('GET', PATH);
    return status === 200 ? (body as ShownSettings) : Refusal.of(status, body);
  }

  /** @returns the stored settings, or the refusal `conflict` if the revision is outdated */
  async write(settings: SettingsBody): Promise<ShownSettings | Refusal> {
    const { status, body } = await this.platform.call('PUT', PATH, settings);
    return status === 200 ? (body as ShownSettings) : Refusal.of(status, body);
  }
}

type Name = keyof RemoteAccessSettings;

/** Labels of the settings on the page. */
export const SETTING_NAMES: Readonly<Record<Name, string>> = {
  enabled: gettext('Remote access'),
  hostKeyAutosave: gettext('Auto-save host key'),
  operationTimeoutSeconds: gettext('Connection timeout'),
  idleTimeoutMs: gettext('Idle timeout'),
  maxDurationSeconds: gettext('Maximum duration'),
  resumeSeconds: gettext('Time to resume'),
  watch: gettext('Watching sessions'),
  notice: gettext('Notice'),
  deviceAdmission: gettext('Devices other than the owner'),
  malformedKeys: gettext('Malformed WebSocket keys'),
  auditRequired: gettext('Audit log required'),
  tokenInAddress: gettext('Sign-in in the address'),
};

/** The user's changes merged with those that another user saved in the meantime. */
export interface MergedSettings {
  readonly settings: RemoteAccessSettings;
  /** Changed by the other user only, so their value is used. */
  readonly taken: readonly Name[];
  /** Changed by both to different values, so the user's own value is kept. */
  readonly conflicting: readonly Name[];
}

/** @param base the settings from which both started */
export function mergeSettings(
  base: RemoteAccessSettings,
  mine: RemoteAccessSettings,
  theirs: RemoteAccessSettings,
): MergedSettings {
  const names = Object.keys(SETTING_NAMES) as Name[];
  const theirNames = names.filter(name => theirs[name] !== base[name]);
  const taken = theirNames.filter(name => mine[name] === base[name]);
  const conflicting = theirNames.filter(
    name => mine[name] !== base[name] && mine[name] !== theirs[name],
  );
  const settings = Object.fromEntries(
    names.map(name => [name, taken.includes(name) ? theirs[name] : mine[name]]),
  ) as unknown as RemoteAccessSettings;
  return { settings, taken, conflicting };
}

export function sameSettings(one: RemoteAccessSettings, other: RemoteAccessSettings): boolean {
  return (Object.keys(SETTING_NAMES) as Name[]).every(name => one[name] === other[name]);
}
