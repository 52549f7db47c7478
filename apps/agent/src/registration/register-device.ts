import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { Secret, SettingsError } from '@remote-access/settings';
import { stringify } from 'smol-toml';
import type { Log } from '../log/log';
import { openClient } from '../mqtt/mqtt-link';
import { parseRows } from '../mqtt/smartrest';
import { NetworkRoute } from '@remote-access/network';
import { accessWithPassword, passwordOf } from '../platform/platform-access';
import { PlatformClient, PlatformError } from '../platform/platform-client';
import type { AgentSettings, RegistrationSettings } from '../settings/agent-settings';

/** How often a device asks whether it has been accepted. */
const ASK_PERIOD_MS = 5_000;

interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * Gets credentials for a device that has none, and stores them. It keeps asking until a user
 * accepts the device in Device Management → Devices → Registration.
 *
 * @returns the settings with the credentials; `undefined` if the signal was aborted
 * @throws SettingsError if the credentials could not be stored
 */
export async function registerDevice(
  settings: AgentSettings,
  log: Log,
  signal?: AbortSignal,
): Promise<AgentSettings | undefined> {
  const { registration, user, network = {} } = settings;
  if (!registration) return settings;
  const route = new NetworkRoute(network);
  let registered = settings;
  if (user === undefined) {
    checkStorage(registration.credentialsFile);
    const own = await askUntilAccepted(settings, registration, route, log, signal);
    if (!own) return undefined;
    storeCredentials(registration.credentialsFile, own);
    log('device registered', { user: own.user });
    registered = { ...settings, user: own.user, password: new Secret(own.password) };
  }
  // Over MQTT, the device's first message creates it.
  if (settings.transport !== 'mqtt') await createDevice(registered, route);
  return registered;
}

async function askUntilAccepted(
  settings: AgentSettings,
  registration: RegistrationSettings,
  route: NetworkRoute,
  log: Log,
  signal?: AbortSignal,
): Promise<Credentials | undefined> {
  const ask = settings.transport === 'mqtt' ? askOverMqtt : askOverRest;
  log('waiting for registration', { device: settings.externalId });
  while (!signal?.aborted) {
    try {
      const own = await ask(settings, registration, route);
      if (own) return own;
    } catch (cause) {
      log('registration failed', { reason: (cause as Error).message });
    }
    await delay(ASK_PERIOD_MS, undefined, { ...(signal && { signal }) }).catch(() => undefined);
  }
  return undefined;
}

async function askOverRest(
  { baseUrl, externalId }: AgentSettings,
  registration: RegistrationSettings,
  route: NetworkRoute,
): Promise<Credentials | undefined> {
  const client = new PlatformClient(accessWithPassword(baseUrl, registration, route));
  try {
    const answer = await client.call('POST', '/devicecontrol/deviceCredentials', {
      id: externalId,
    });
    const { tenantId, username, password } = (answer ?? {}) as Record<string, unknown>;
    return credentialsOf(tenantId, username, password);
  } catch (cause) {
    if (cause instanceof PlatformError && cause.status === 404) return undefined;
    throw cause;
  } finally {
    client.close();
  }
}

/** Publishes an empty message and waits for `70,TENANT,USER,PASSWORD`. */
async function askOverMqtt(
  { externalId = '', mqttUrl = '' }: AgentSettings,
  registration: RegistrationSettings,
  route: NetworkRoute,
): Promise<Credentials | undefined> {
  let own: Credentials | undefined;
  const client = await openClient(
    {
      url: mqttUrl,
      clientId: externalId,
      credentials: { user: registration.user, password: passwordOf(registration) },
      route,
      log: () => undefined,
    },
    (topic, payload) => {
      if (topic !== 's/dcr') return;
      for (const [template, ...values] of parseRows(payload)) {
        if (template === '70') own = credentialsOf(...values);
      }
    },
  );
  try {
    await client.subscribeAsync('s/dcr', { qos: 1 });
    await client.publishAsync('s/ucr', '', { qos: 1 });
    const deadlineMs = performance.now() + ASK_PERIOD_MS;
    while (own === undefined && client.connected && performance.now() < deadlineMs) {
      await delay(50);
    }
    return own;
  } finally {
    client.end(true);
  }
}

function credentialsOf(
  tenant?: unknown,
  user?: unknown,
  password?: unknown,
): Credentials | undefined {
  const texts = [tenant, user, password].map(one => (typeof one === 'string' ? one : ''));
  const [tenantName = '', userName = '', secret = ''] = texts;
  if (tenantName === '' || userName === '' || secret === '') return undefined;
  return { user: `${tenantName}/${userName}`, password: secret };
}

/**
 * The platform issues the credentials only once, so it is asked only if they can be stored.
 *
 * @throws SettingsError
 */
function checkStorage(path: string): void {
  try {
    writeTemporary(path, '');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const setting = 'registration.credentials_file (or CREDENTIALS_FILE)';
    throw new SettingsError([`${setting}: ${path} cannot be written: ${code}`]);
  }
}

/** Written to a temporary file and renamed, because half a file would be useless. */
function storeCredentials(path: string, device: Credentials): void {
  renameSync(writeTemporary(path, stringify({ device: { ...device } })), path);
}

function writeTemporary(path: string, text: string): string {
  const temporary = `${path}.new`;
  writeFileSync(temporary, text, { mode: 0o600, flush: true });
  return temporary;
}

async function createDevice(settings: AgentSettings, route: NetworkRoute): Promise<void> {
  const { baseUrl, user = '', password = '', externalId = '' } = settings;
  const client = new PlatformClient(accessWithPassword(baseUrl, { user, password }, route));
  const path = `/identity/externalIds/c8y_Serial/${encodeURIComponent(externalId)}`;
  try {
    await client.call('GET', path);
  } catch (cause) {
    if (!(cause instanceof PlatformError) || cause.status !== 404) return;
    const { id } = (await client.call('POST', '/inventory/managedObjects', {
      name: settings.deviceName ?? externalId,
      type: 'c8y_RemoteAccessGateway',
      c8y_IsDevice: {},
      com_cumulocity_model_Agent: {},
      c8y_SupportedOperations: [FRAGMENTS.connect],
    })) as { id: string };
    const body = { type: 'c8y_Serial', externalId };
    await client.call('POST', `/identity/globalIds/${id}/externalIds`, body);
  } finally {
    client.close();
  }
}
