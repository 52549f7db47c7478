import { existsSync, statSync } from 'node:fs';
import { PROTOCOLS } from '@remote-access/contracts';
import {
  readSettingsFrom,
  Secret,
  SettingsError,
  type SettingsReader,
} from '@remote-access/settings';
import type { NetworkSettings } from '@remote-access/network';
import { parseTargetRule, type TargetLists, type TargetRule } from '../targets/target-policy';
import { DEFAULT_SETTINGS_FILE, readSettingsFile, type SettingTexts } from './settings-file';
import { SETTINGS } from './settings-schema';

export type TransportType = 'rest' | 'mqtt';

export interface AgentSettings {
  /** The platform's URL, e.g. `https://tenant.example.com`. */
  readonly baseUrl: string;
  /** `tenant/user`, or `user` if the platform derives the tenant from its URL. */
  readonly user?: string;
  readonly password?: Secret | string;
  /** The device's id in the inventory. */
  readonly deviceId?: string;
  /** The device's external id of type `c8y_Serial`, if its inventory id is not known. */
  readonly externalId?: string;
  readonly deviceName?: string;
  readonly operations?: readonly string[];
  readonly protocols?: readonly string[];
  /** Proxy, certificate authorities, and the device's certificate. */
  readonly network?: NetworkSettings;
  readonly registration?: RegistrationSettings;
  /** Defaults to REST. */
  readonly transport?: TransportType;
  readonly mqttUrl?: string;
  /** The targets that tunnels may lead to; private networks by default. */
  readonly targets?: TargetLists;
  readonly limits?: SessionLimits;
  readonly consent?: ConsentSettings;
  readonly statusSocket?: string;
}

export interface RegistrationSettings {
  readonly user: string;
  readonly password: Secret;
  readonly credentialsFile: string;
}

/** Limits of sessions; an absent one is not limited. */
export interface SessionLimits {
  readonly sessions?: number;
  readonly bytesPerSecond?: number;
  readonly sessionSeconds?: number;
}

export interface ConsentSettings {
  readonly command: readonly string[];
  readonly timeoutSeconds: number;
}

/** A timer cannot wait for more than 2^31 ms, which is a little longer. */
const MAX_SESSION_SECONDS = 24 * 24 * 60 * 60;

/**
 * Reads the settings from a file, overridden by those from the environment. settings-schema.ts
 * describes them.
 *
 * @param file the settings file; by default that of the package, if it exists
 * @throws SettingsError listing every problem
 */
export function readAgentSettings(env: NodeJS.ProcessEnv, file?: string): AgentSettings {
  const path = file ?? env['AGENT_SETTINGS'] ?? DEFAULT_SETTINGS_FILE;
  const isNamed = path !== DEFAULT_SETTINGS_FILE;
  const fromFile = isNamed || existsSync(path) ? readSettingsFile(path) : undefined;
  // Values in environment files often have trailing spaces.
  const trimmed = Object.entries(env).map(([name, value]) => [name, value?.trim()] as const);
  const fromEnv = Object.fromEntries(trimmed.filter(([, value]) => value));
  // Which of the proxy variables applies depends on the platform's address.
  const known = { ...fromFile, ...fromEnv, ...proxyOf(fromEnv, fromFile) };
  const texts = { ...credentialsIn(known), ...known };
  try {
    return readSettingsFrom<AgentSettings>(texts, read);
  } catch (cause) {
    if (!(cause instanceof SettingsError) || !fromFile) throw cause;
    throw new SettingsError(cause.problems.map(problem => inTermsOfTheFile(problem)));
  }
}

function read(reader: SettingsReader): AgentSettings {
  const network = networkSettings(reader);
  const hasCertificate = network.certificateFile !== undefined;
  const transport = reader.oneOf('TRANSPORT', ['auto', 'rest', 'mqtt'] as const, 'auto');
  const isMqtt = transport === 'mqtt' || (transport === 'auto' && hasCertificate);
  const baseUrl = platformUrl(reader);
  const registration = registrationSettings(reader);
  const externalId = reader.optional('DEVICE_EXTERNAL_ID');
  if (hasCertificate && !isMqtt) {
    reader.problem('TRANSPORT must be mqtt or auto for a device with a certificate');
  }
  if ((isMqtt || registration) && externalId === undefined) {
    reader.problem('DEVICE_EXTERNAL_ID is not set');
  } else if (externalId?.includes(':') && (isMqtt || registration)) {
    reader.problem('DEVICE_EXTERNAL_ID must not contain a colon with MQTT and for registration');
  }
  const command = consentCommand(reader);
  const statusSocket = reader.optional('STATUS_SOCKET');
  const deviceName = reader.optional('DEVICE_NAME');
  return {
    baseUrl,
    ...(hasCertificate ? {} : credentials(reader, registration !== undefined)),
    ...(isMqtt && externalId !== undefined ? { externalId } : device(reader)),
    ...(deviceName !== undefined && { deviceName }),
    operations: reader.list('DEVICE_OPERATIONS'),
    protocols: protocols(reader),
    network,
    ...(registration && { registration }),
    transport: isMqtt ? 'mqtt' : 'rest',
    ...(isMqtt && { mqttUrl: mqttUrl(reader, baseUrl) }),
    targets: { allow: rules(reader, 'ALLOW_TARGETS'), deny: rules(reader, 'DENY_TARGETS') },
    limits: {
      sessions: number(reader, 'MAX_SESSIONS', 400),
      bytesPerSecond: number(reader, 'MAX_BYTES_PER_SECOND', 0),
      sessionSeconds: number(reader, 'MAX_SESSION_SECONDS', 0, MAX_SESSION_SECONDS),
    },
    ...(command && {
      consent: { command, timeoutSeconds: reader.seconds('CONSENT_TIMEOUT_SECONDS', 20) },
    }),
    ...(statusSocket !== undefined && { statusSocket }),
  };
}

/** The credentials stored by registration, if the device was registered. */
function credentialsIn(known: SettingTexts): SettingTexts {
  const fallback = SETTINGS.find(one => one.variable === 'CREDENTIALS_FILE')!.fallback!;
  const path = known['CREDENTIALS_FILE'] ?? (JSON.parse(fallback) as string);
  const isExpected = known['BOOTSTRAP_PASSWORD'] !== undefined;
  return isExpected && existsSync(path) ? readSettingsFile(path) : {};
}

/** `HTTP_PROXY` or its lower-case spelling, following the convention of other programs. */
function proxyOf(env: SettingTexts, file: SettingTexts = {}): SettingTexts {
  const url = env['C8Y_BASEURL'] ?? file['C8Y_BASEURL'] ?? '';
  const proxy = url.startsWith('http:')
    ? (env['HTTP_PROXY'] ?? env['http_proxy'])
    : (env['HTTPS_PROXY'] ?? env['https_proxy']);
  const except = env['NO_PROXY'] ?? env['no_proxy'] ?? file['NO_PROXY'];
  return { HTTPS_PROXY: proxy ?? file['HTTPS_PROXY'], NO_PROXY: except };
}

function networkSettings(reader: SettingsReader): NetworkSettings {
  const caFile = reader.optional('CA_FILE');
  const proxy =
    reader.optional('HTTPS_PROXY') === undefined ? undefined : reader.url('HTTPS_PROXY');
  const certificateFile = reader.optional('DEVICE_CERTIFICATE_FILE');
  const keyFile = reader.optional('DEVICE_KEY_FILE');
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    reader.problem('DEVICE_CERTIFICATE_FILE and DEVICE_KEY_FILE belong together');
  }
  for (const [name, path] of Object.entries({
    CA_FILE: caFile,
    DEVICE_CERTIFICATE_FILE: certificateFile,
    DEVICE_KEY_FILE: keyFile,
  })) {
    if (path !== undefined && !statSync(path, { throwIfNoEntry: false })?.isFile()) {
      reader.problem(`${name}: there is no file ${path}`);
    }
  }
  return {
    ...(caFile !== undefined && { caFile }),
    ...(proxy && { proxy, noProxy: reader.list('NO_PROXY') }),
    ...(certificateFile !== undefined && keyFile !== undefined && { certificateFile, keyFile }),
  };
}

function credentials(reader: SettingsReader, mayRegister: boolean) {
  const user = reader.optional('DEVICE_USER');
  if (mayRegister && user === undefined) return {};
  return { user: reader.text('DEVICE_USER'), password: new Secret(reader.text('DEVICE_PASSWORD')) };
}

function registrationSettings(reader: SettingsReader): RegistrationSettings | undefined {
  const password = reader.optional('BOOTSTRAP_PASSWORD');
  if (password === undefined) return undefined;
  const fallback = (variable: string): string =>
    JSON.parse(SETTINGS.find(one => one.variable === variable)!.fallback!) as string;
  return {
    user: reader.text('BOOTSTRAP_USER', fallback('BOOTSTRAP_USER')),
    password: new Secret(password),
    credentialsFile: reader.text('CREDENTIALS_FILE', fallback('CREDENTIALS_FILE')),
  };
}

function platformUrl(reader: SettingsReader): string {
  const text = reader.url('C8Y_BASEURL');
  const { username, password } = new URL(text || 'http://unusable');
  if (username !== '' || password !== '') {
    reader.problem('C8Y_BASEURL must not contain credentials; set DEVICE_USER and DEVICE_PASSWORD');
  }
  return text;
}

function mqttUrl(reader: SettingsReader, baseUrl: string): string {
  const fallback = `mqtts://${new URL(baseUrl || 'http://unusable').hostname}:8883`;
  const text = reader.text('MQTT_URL', fallback);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isMqtt = url?.protocol === 'mqtt:' || url?.protocol === 'mqtts:';
  if (!isMqtt || url.hostname === '' || url.username !== '') {
    reader.problem('MQTT_URL is not an mqtt or mqtts URL without credentials');
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

function protocols(reader: SettingsReader): string[] {
  return reader.list('DEVICE_PROTOCOLS').map(entry => {
    const protocol = entry.toUpperCase();
    if (!PROTOCOLS.some(one => one === protocol)) {
      reader.problem(`DEVICE_PROTOCOLS: "${entry}" is not one of ${PROTOCOLS.join(', ')}`);
    }
    return protocol;
  });
}

function rules(reader: SettingsReader, name: string): TargetRule[] {
  return reader.list(name).flatMap(entry => {
    const rule = parseTargetRule(entry);
    if (!rule) reader.problem(`${name}: "${entry}" is not an address, network or host name`);
    return rule ?? [];
  });
}

function number(reader: SettingsReader, name: string, fallback: number, max = 1e12): number {
  const text = reader.text(name, String(fallback));
  if (/^\d+$/.test(text) && Number(text) <= max) return Number(text);
  reader.problem(`${name} is not a whole number from 0 to ${max}`);
  return fallback;
}

function consentCommand(reader: SettingsReader): string[] | undefined {
  const text = reader.optional('CONSENT_COMMAND');
  if (text === undefined) return undefined;
  try {
    const command: unknown = JSON.parse(text);
    if (Array.isArray(command) && command.length > 0 && command.every(isText)) return command;
  } catch {
    // The missing setting is reported below.
  }
  reader.problem('CONSENT_COMMAND is not a list of texts: a program and its arguments');
  return undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Names the file's key first, as in `platform.url (or C8Y_BASEURL) is not set`. */
function inTermsOfTheFile(problem: string): string {
  return problem.replace(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\bTRANSPORT\b/g, variable => {
    const setting = SETTINGS.find(one => one.variable === variable);
    return setting ? `${setting.key} (or ${variable})` : variable;
  });
}
