import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { SettingsError } from '@remote-access/settings';
import { DeviceToken } from '../mqtt/device-token';
import { MqttRefusal, openClient } from '../mqtt/mqtt-link';
import { NetworkRoute } from '@remote-access/network';
import { accessWithPassword, passwordOf, type PlatformAccess } from '../platform/platform-access';
import { PlatformClient, PlatformError } from '../platform/platform-client';
import { readAgentSettings, type AgentSettings } from '../settings/agent-settings';
import { DEFAULT_SETTINGS_FILE, isReadableByOthers } from '../settings/settings-file';
import { TargetDialler } from '../targets/target-dialler';
import { describeTarget, parseTarget } from '../targets/target';
import { clockRemedy, connectionFinding, Finding } from './finding';

/** TLS certificates and tokens depend on the clock. */
const MAX_SKEW_SECONDS = 60;

const ANSWER_TIMEOUT_MS = 10_000;

/** A certificate that expires sooner deserves a warning. */
const SOON_MS = 14 * 24 * 60 * 60 * 1000;

type Print = (line: string) => void;

/**
 * Checks everything that a session needs, and reports what is wrong and how to fix it.
 *
 * @param target `host:port`, to be reached within the allow and deny lists
 * @returns the exit code: 0 if all checks pass
 */
export async function checkAgent(
  env: NodeJS.ProcessEnv,
  settingsFile: string | undefined,
  target: string | undefined,
  print: Print = console.log,
): Promise<number> {
  let failures = 0;
  const step = async (name: string, run: () => Promise<string> | string): Promise<boolean> => {
    try {
      print(`ok      ${name}: ${await run()}`);
      return true;
    } catch (cause) {
      failures += 1;
      print(`FAILED  ${name}: ${(cause as Error).message}`);
      if (cause instanceof Finding) print(`        ${cause.remedy}`);
      return false;
    }
  };

  let settings: AgentSettings | undefined;
  await step('settings', () => {
    settings = settingsOf(env, settingsFile);
    return `for ${settings.externalId ?? settings.deviceId ?? ''} at ${settings.baseUrl}`;
  });
  if (!settings) return 1;
  const known = settings;
  const { network = {} } = known;
  let route: NetworkRoute | undefined;
  await step('certificate files', () => {
    route = new NetworkRoute(network);
    return certificateState(known);
  });
  if (!route) return 1;
  const reachable = route;
  if (await step('platform', () => reach(known, reachable))) {
    await step('clock', () => clockState(known, reachable));
    const access = await signIn(known, reachable, step);
    if (access) await step('device', () => deviceState(known, access));
  }
  if (target !== undefined) await step('target', () => targetState(known, target));
  print(failures === 0 ? 'Everything is in order.' : `Problems: ${failures}`);
  return failures === 0 ? 0 : 1;
}

function settingsOf(env: NodeJS.ProcessEnv, file: string | undefined): AgentSettings {
  try {
    const settings = readAgentSettings(env, file);
    const path = file ?? DEFAULT_SETTINGS_FILE;
    if (isReadableByOthers(path)) {
      throw new Finding(`${path} can be read by other users`, `Run: chmod o= ${path}`);
    }
    if (settings.registration && settings.user === undefined) {
      throw new Finding(
        'the device is not registered yet',
        'Start the agent, and accept the device in Device Management → Devices → Registration.',
      );
    }
    return settings;
  } catch (cause) {
    if (!(cause instanceof SettingsError)) throw cause;
    const remedy = 'docs/agent-settings.md describes each setting.';
    throw new Finding(cause.problems.join('; '), remedy);
  }
}

function certificateState({ network, externalId }: AgentSettings): string {
  const file = network?.certificateFile;
  if (file === undefined) return 'the device signs in with a password';
  const certificate = new X509Certificate(readFileSync(file));
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  const validTo = Date.parse(certificate.validTo);
  const until = new Date(validTo).toISOString();
  if (validTo < Date.now()) {
    throw new Finding(`${file} (${commonName}) expired on ${until}`, 'Have a new one issued.');
  }
  const validFrom = Date.parse(certificate.validFrom);
  if (validFrom > Date.now()) {
    const from = new Date(validFrom).toISOString();
    throw new Finding(
      `${file} (${commonName}) is not valid before ${from}`,
      clockRemedy('have another one issued, or wait'),
    );
  }
  if (commonName !== externalId) {
    throw new Finding(
      `${file} is for ${commonName}, but the external id is ${externalId}`,
      'The common name of the certificate has to be the external id of the device.',
    );
  }
  const soon = validTo - Date.now() < SOON_MS ? ', which is soon' : '';
  return `${commonName}, valid until ${until}${soon}`;
}

async function reach({ baseUrl }: AgentSettings, route: NetworkRoute): Promise<string> {
  const { hostname, port, protocol } = new URL(baseUrl);
  const tls = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  try {
    const socket = await route.connect({ host, port: Number(port || (tls ? 443 : 80)), tls });
    socket.destroy();
    return tls ? 'reached, and its certificate is trusted' : 'reached, without encryption';
  } catch (cause) {
    throw connectionFinding(cause as NodeJS.ErrnoException, host, 'platform.url');
  }
}

async function clockState({ baseUrl }: AgentSettings, route: NetworkRoute): Promise<string> {
  const isTls = baseUrl.startsWith('https:');
  const send = isTls ? httpsRequest : httpRequest;
  const date = await new Promise<string | undefined>((resolve, reject) => {
    const request = send(`${baseUrl}/tenant/loginOptions`, {
      agent: route.httpAgent(isTls, {}),
      timeout: ANSWER_TIMEOUT_MS,
    });
    request.on('response', response => {
      response.resume();
      resolve(response.headers.date);
    });
    request.on('timeout', () => request.destroy(new Error('the platform did not answer')));
    request.on('error', reject);
    request.end();
  });
  const skewSeconds = Math.round((Date.now() - Date.parse(date ?? '')) / 1000);
  if (Number.isNaN(skewSeconds)) return 'the platform did not report the time';
  if (Math.abs(skewSeconds) <= MAX_SKEW_SECONDS) return 'agrees with the platform';
  const direction = skewSeconds > 0 ? 'ahead of' : 'behind';
  throw new Finding(
    `this gateway is ${Math.abs(skewSeconds)} s ${direction} the platform`,
    'Set the clock, and use NTP: the validity of certificates and tokens depends on it.',
  );
}

async function signIn(
  settings: AgentSettings,
  route: NetworkRoute,
  step: (name: string, run: () => Promise<string>) => Promise<boolean>,
): Promise<PlatformAccess | undefined> {
  const { baseUrl, user, password, transport, mqttUrl = '', externalId = '' } = settings;
  const basic = user !== undefined && password !== undefined ? { user, password } : undefined;
  if (transport !== 'mqtt') return basic && accessWithPassword(baseUrl, basic, route);
  const token = new DeviceToken();
  const isWell = await step('MQTT', async () => {
    const credentials = basic && { user: basic.user, password: passwordOf(basic) };
    const client = await openClient(
      {
        url: mqttUrl,
        clientId: externalId,
        route,
        log: () => undefined,
        ...(credentials && { credentials }),
      },
      (topic, payload) => topic === 's/dat' && token.receive(payload),
    ).catch((cause: unknown) => {
      if (cause instanceof MqttRefusal) throw refusalFinding(cause, basic !== undefined);
      const { host } = new URL(mqttUrl);
      throw connectionFinding(cause as NodeJS.ErrnoException, host, 'transport.mqtt_url');
    });
    try {
      await token.start({
        subscribe: topic => client.subscribeAsync(topic).then(() => undefined),
        publish: (topic, payload) => client.publishAsync(topic, payload).then(() => undefined),
      });
      await token.authorization();
      return 'signed in, and a token was issued';
    } finally {
      token.stop();
      client.end(true);
    }
  });
  if (!isWell) return undefined;
  if (basic) return accessWithPassword(baseUrl, basic, route);
  return { baseUrl, route, authorization: () => token.authorization() };
}

function refusalFinding({ message }: MqttRefusal, hasPassword: boolean): Finding {
  return new Finding(
    message,
    hasPassword
      ? 'Check device.user (tenant/user), device.password and device.external_id.'
      : "Add the CA of the certificate to the tenant's trusted certificates, with automatic registration, or register the device.",
  );
}

async function deviceState(
  { externalId = '', deviceId }: AgentSettings,
  access: PlatformAccess,
): Promise<string> {
  const client = new PlatformClient(access);
  try {
    const path = `/identity/externalIds/c8y_Serial/${encodeURIComponent(externalId)}`;
    const identity = deviceId === undefined ? await client.call('GET', path) : undefined;
    const found = (identity as { managedObject?: { id?: string } } | undefined)?.managedObject?.id;
    const id = deviceId ?? found ?? '';
    const device = (await client.call('GET', `/inventory/managedObjects/${id}`)) as {
      name?: string;
      c8y_SupportedOperations?: unknown;
    };
    const operations = device.c8y_SupportedOperations;
    if (!Array.isArray(operations) || !operations.includes(FRAGMENTS.connect)) {
      throw new Finding(
        `the device ${id} does not declare ${FRAGMENTS.connect}, so it has no "Remote access" tab`,
        'Start the agent, which declares it.',
      );
    }
    return `${device.name ?? ''} (${id})`;
  } catch (cause) {
    if (!(cause instanceof PlatformError)) throw cause;
    throw new Finding(cause.message, remedyOf(cause));
  } finally {
    client.close();
  }
}

function remedyOf({ status }: PlatformError): string {
  switch (status) {
    case 401:
      return 'Check device.user (tenant/user) and device.password.';
    case 403:
      return "Make the device's user the owner of the device, or give it ROLE_INVENTORY_READ.";
    case 404:
      return 'Check device.external_id: its type is c8y_Serial. Or register the device.';
    default:
      return 'Try again later.';
  }
}

async function targetState({ targets }: AgentSettings, text: string): Promise<string> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  const target = parseTarget(host, Number(port));
  if (typeof target === 'string') {
    throw new Finding(`${text}: ${target}`, 'Write it as host:port.');
  }
  const dialler = new TargetDialler(targets ?? { allow: [], deny: [] });
  const { connection, refusal } = await dialler.dial(target, AbortSignal.timeout(15_000));
  if (refusal !== undefined) {
    throw new Finding(
      refusal,
      'Check that the machine is on and its service runs, and check targets.allow and targets.deny.',
    );
  }
  connection.destroy();
  return `connected to ${describeTarget(target)}`;
}
