import { readSettingsFrom, Secret, type SettingsReader } from '@remote-access/settings';
import { parseTargetRule, type TargetLists, type TargetRule } from '../targets/target-policy';

export interface AgentSettings {
  /** The platform's URL, e.g. `https://tenant.example.com`. */
  readonly baseUrl: string;
  /** `tenant/user`, or `user` if the platform derives the tenant from its URL. */
  readonly user: string;
  readonly password: Secret | string;
  /** The device's id in the inventory. */
  readonly deviceId?: string;
  /** The device's external id of the type `c8y_Serial`, for when its inventory id is not known. */
  readonly externalId?: string;
  /** Which targets tunnels may lead to; by default all except those that TargetPolicy always guards. */
  readonly targets?: TargetLists;
}

/**
 * Reads the settings from the environment: `C8Y_BASEURL`, `DEVICE_USER`, `DEVICE_PASSWORD`,
 * `DEVICE_EXTERNAL_ID` or `DEVICE_ID`, and `ALLOW_TARGETS` and `DENY_TARGETS`: addresses, networks
 * and names, separated by commas, each with or without a port.
 *
 * @throws SettingsError with every problem at once
 */
export function readAgentSettings(env: NodeJS.ProcessEnv): AgentSettings {
  // Values in environment files often end in spaces.
  const trimmed = Object.entries(env).map(([name, value]) => [name, value?.trim()] as const);
  return readSettingsFrom<AgentSettings>(Object.fromEntries(trimmed), reader => ({
    baseUrl: platformUrl(reader),
    user: reader.text('DEVICE_USER'),
    password: new Secret(reader.text('DEVICE_PASSWORD')),
    ...device(reader),
    targets: { allow: rules(reader, 'ALLOW_TARGETS'), deny: rules(reader, 'DENY_TARGETS') },
  }));
}

/** The device's credentials as the value of an `Authorization` header. */
export function basicAuthorization({ user, password }: AgentSettings): string {
  const text = typeof password === 'string' ? password : password.reveal();
  return `Basic ${Buffer.from(`${user}:${text}`).toString('base64')}`;
}

function platformUrl(reader: SettingsReader): string {
  const text = reader.url('C8Y_BASEURL');
  const { username, password } = new URL(text || 'http://unusable');
  if (username !== '' || password !== '') {
    reader.problem('C8Y_BASEURL must not contain credentials; set DEVICE_USER and DEVICE_PASSWORD');
  }
  return text;
}

function device(reader: SettingsReader): Pick<AgentSettings, 'deviceId' | 'externalId'> {
  const deviceId = reader.optional('DEVICE_ID');
  const externalId = reader.optional('DEVICE_EXTERNAL_ID');
  if (deviceId !== undefined) return { deviceId };
  if (externalId !== undefined) return { externalId };
  reader.problem('Neither DEVICE_EXTERNAL_ID nor DEVICE_ID is set');
  return {};
}

function rules(reader: SettingsReader, name: string): TargetRule[] {
  return reader.list(name).flatMap(entry => {
    const rule = parseTargetRule(entry);
    if (!rule) reader.problem(`${name}: "${entry}" is not an address, network or host name`);
    return rule ?? [];
  });
}
