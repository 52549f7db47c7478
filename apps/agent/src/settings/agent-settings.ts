import type { TargetLists } from '../targets/target-policy';
import { parseTargetRule, type TargetRule } from '../targets/target-rule';
import { Secret } from './secret';
import { SettingsError } from './settings-error';

export interface AgentSettings {
  /** Address of the platform, e.g. `https://tenant.example.com`. */
  readonly baseUrl: string;
  /** `tenant/user`, or `user` where the platform knows the tenant by its address. */
  readonly user: string;
  readonly password: Secret | string;
  /** The device's id in the inventory. */
  readonly deviceId?: string;
  /** Where the id is not known: its external id of the type `c8y_Serial`. */
  readonly externalId?: string;
  /** Where tunnels may lead; by default everywhere but to the addresses that are always guarded. */
  readonly targets?: TargetLists;
}

/**
 * Reads the settings from the environment: `C8Y_BASEURL`, `DEVICE_USER`, `DEVICE_PASSWORD`,
 * `DEVICE_EXTERNAL_ID` or `DEVICE_ID`, and the lists `ALLOW_TARGETS` and `DENY_TARGETS`, with
 * commas: addresses, networks and names, each with or without a port.
 *
 * @throws SettingsError with every problem at once
 */
export function readAgentSettings(env: NodeJS.ProcessEnv): AgentSettings {
  const problems: string[] = [];
  const mandatory = (name: string): string => {
    const value = env[name]?.trim() ?? '';
    if (value === '') problems.push(`${name} is not set`);
    return value;
  };
  const settings: AgentSettings = {
    baseUrl: readUrl('C8Y_BASEURL', mandatory('C8Y_BASEURL'), problems),
    user: mandatory('DEVICE_USER'),
    password: new Secret(mandatory('DEVICE_PASSWORD')),
    ...readDevice(env, problems),
    targets: {
      allow: readRules('ALLOW_TARGETS', env, problems),
      deny: readRules('DENY_TARGETS', env, problems),
    },
  };
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze(settings);
}

function readUrl(name: string, text: string, problems: string[]): string {
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    problems.push(`${name} is not an http or https URL`);
  } else if (url.username !== '' || url.password !== '') {
    problems.push(`${name} must not contain credentials; set DEVICE_USER and DEVICE_PASSWORD`);
  }
  return text.replace(/\/+$/, '');
}

function readDevice(
  env: NodeJS.ProcessEnv,
  problems: string[],
): Pick<AgentSettings, 'deviceId' | 'externalId'> {
  const deviceId = env['DEVICE_ID']?.trim();
  const externalId = env['DEVICE_EXTERNAL_ID']?.trim();
  if (deviceId) return { deviceId };
  if (externalId) return { externalId };
  problems.push('Neither DEVICE_EXTERNAL_ID nor DEVICE_ID is set');
  return {};
}

function readRules(name: string, env: NodeJS.ProcessEnv, problems: string[]): TargetRule[] {
  const rules: TargetRule[] = [];
  for (const entry of (env[name] ?? '').split(',').map(text => text.trim())) {
    if (entry === '') continue;
    const rule = parseTargetRule(entry);
    if (rule) rules.push(rule);
    else problems.push(`${name}: "${entry}" is not an address, network or host name`);
  }
  return rules;
}
