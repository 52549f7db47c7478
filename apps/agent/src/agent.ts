import { createHash } from 'node:crypto';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { NetworkRoute } from '@remote-access/network';
import type { Inbox } from './inbox/inbox';
import { MqttInbox } from './inbox/mqtt-inbox';
import { TakenOperations } from './inbox/operations';
import { RestInbox } from './inbox/rest-inbox';
import { logToStdout, type Log } from './log/log';
import { DeviceToken } from './mqtt/device-token';
import { accessWithPassword, passwordOf, type PlatformAccess } from './platform/platform-access';
import { registerDevice } from './registration/register-device';
import type { AgentSettings } from './settings/agent-settings';
import { StatusServer, type AgentStatus } from './status/status-server';
import { TargetDialler } from './targets/target-dialler';
import { askForConsent } from './tunnel/consent';
import { RateLimit } from './tunnel/rate-limit';
import { RelayDialler } from './tunnel/relay-dialler';
import { StreamQuota } from './tunnel/stream-server';
import { maxTunnels, TunnelRegistry } from './tunnel/tunnel-registry';
import type { TunnelDependencies } from './tunnel/tunnel';

const DEVICE_TYPE = 'c8y_RemoteAccessGateway';

export interface AgentOptions {
  /** Defaults to standard output. */
  readonly log?: Log;
  /** Aborts waiting for the platform. */
  readonly signal?: AbortSignal;
}

/** The program on a gateway. It opens tunnels to targets that only the gateway can reach. */
export class Agent {
  private readonly tunnels: TunnelRegistry;
  private readonly taken = new TakenOperations();
  private readonly streams = new StreamQuota();
  private readonly rate = new RateLimit();
  private readonly startedAt = new Date();
  private inbox: Inbox | undefined;
  private access!: PlatformAccess;
  private connection = '';
  private statusServer: StatusServer | undefined;
  /** The latest change of the settings; the next one waits for it. */
  private changing: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private settings: AgentSettings,
    private readonly log: Log,
  ) {
    this.tunnels = new TunnelRegistry(log);
  }

  /** Resolves when operations are being received. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.use(this.settings, signal);
  }

  /**
   * Applies new settings. Running tunnels continue; the connection to the platform is only replaced
   * if its settings, or the certificates and keys in its files, differ.
   *
   * @throws if a file cannot be used; then the settings so far remain in use
   */
  async reload(settings: AgentSettings): Promise<void> {
    await this.use(settings);
    this.log('settings reloaded');
  }

  /** Stops accepting tasks, ends the tunnels and reports their end to the platform. */
  async stop(): Promise<void> {
    this.stopped = true;
    const ended = this.tunnels.stop("the gateway's agent was stopped");
    await this.changing;
    await this.inbox?.close();
    await ended;
    await this.statusServer?.stop();
  }

  status(): AgentStatus {
    const { baseUrl, externalId, deviceId, transport = 'rest', limits } = this.settings;
    return {
      platform: baseUrl,
      device: externalId ?? deviceId ?? '',
      transport,
      startedAt: this.startedAt.toISOString(),
      maxSessions: maxTunnels(limits?.sessions),
      sessions: this.tunnels.list(),
    };
  }

  private async use(settings: AgentSettings, signal?: AbortSignal): Promise<void> {
    const registered = await registerDevice(settings, this.log, signal);
    if (!registered) return;
    const change = this.changing.then(() => this.change(registered));
    this.changing = change.catch(() => undefined);
    const { reached } = await change;
    await reached;
  }

  /** @returns `reached` resolves when operations are being received with the new settings */
  private async change(registered: AgentSettings): Promise<{ reached?: Promise<void> }> {
    if (this.stopped) return {};
    const route = new NetworkRoute(registered.network);
    const connection = connectionOf(registered, route);
    const isSame = this.connection === connection;
    // A certificate may have been replaced before its key; the connection in use still works.
    if (!isSame && this.inbox !== undefined) route.checkFiles();
    this.settings = registered;
    this.rate.change(registered.limits?.bytesPerSecond);
    if (!isSame) this.access = accessOf(registered, route);
    const { access } = this;
    this.tunnels.use({
      ...tunnelDependencies(registered, access, this.log),
      streams: this.streams,
      rate: this.rate,
    });
    await this.serveStatus(registered);
    if (isSame) return {};
    this.connection = connection;
    const previous = this.inbox;
    await previous?.close();
    if (this.stopped) return {};
    this.inbox = inboxOf(registered, access, this.log, this.taken, previous === undefined);
    return { reached: this.inbox.open(this.tunnels.start) };
  }

  private async serveStatus({ statusSocket }: AgentSettings): Promise<void> {
    if (this.statusServer?.path === statusSocket) return;
    await this.statusServer?.stop();
    this.statusServer =
      statusSocket === undefined
        ? undefined
        : await StatusServer.start(statusSocket, () => this.status(), this.log);
  }
}

/**
 * Starts an agent. It connects to the platform, with retries, and reconnects whenever the connection is lost.
 *
 * @returns the agent, once it has subscribed to its operations and started those that were pending
 */
export async function startAgent(
  settings: AgentSettings,
  { log = logToStdout, signal }: AgentOptions = {},
): Promise<Agent> {
  const agent = new Agent(settings, log);
  const stop = (): void => void agent.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await agent.start(signal);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return agent;
}

/**
 * Access to the platform as the device. If it signs in with a certificate, its token arrives over
 * MQTT.
 */
interface DeviceAccess extends PlatformAccess {
  readonly token?: DeviceToken;
}

function accessOf({ baseUrl, user, password }: AgentSettings, route: NetworkRoute): DeviceAccess {
  if (user !== undefined && password !== undefined) {
    return accessWithPassword(baseUrl, { user, password }, route);
  }
  const token = new DeviceToken();
  return { baseUrl, route, token, authorization: () => token.authorization() };
}

function inboxOf(
  settings: AgentSettings,
  access: DeviceAccess,
  log: Log,
  taken: TakenOperations,
  isFirst: boolean,
): Inbox {
  const { user, password, transport, mqttUrl, externalId = '', operations = [] } = settings;
  if (transport !== 'mqtt') {
    return new RestInbox(access, settings, log, { taken, failsInterrupted: isFirst });
  }
  const hasPassword = user !== undefined && password !== undefined;
  const link = {
    url: mqttUrl ?? '',
    route: access.route,
    log,
    ...(hasPassword && { credentials: { user, password: passwordOf({ password }) } }),
  };
  const device = {
    serial: externalId,
    name: settings.deviceName ?? externalId,
    type: DEVICE_TYPE,
    operations: [...new Set([FRAGMENTS.connect, ...operations])],
    protocols: settings.protocols ?? [],
  };
  return new MqttInbox(link, device, log, access.token, isFirst);
}

function tunnelDependencies(
  settings: AgentSettings,
  access: PlatformAccess,
  log: Log,
): TunnelDependencies {
  const { limits = {}, consent } = settings;
  return {
    relays: new RelayDialler(access),
    targets: new TargetDialler(settings.targets ?? { allow: [], deny: [] }),
    log,
    limits,
    ...(consent && { consent: (request, signal) => askForConsent(consent, request, signal) }),
  };
}

/** A text that differs whenever the connection to the platform would be made differently. */
function connectionOf(
  { password, ...settings }: AgentSettings,
  { fingerprint }: NetworkRoute,
): string {
  const { baseUrl, user, deviceId, externalId, transport, mqttUrl } = settings;
  const parts = [baseUrl, user, deviceId, externalId, fingerprint, transport, mqttUrl];
  const declared = [settings.operations, settings.protocols, settings.deviceName];
  const secret = password === undefined ? '' : passwordOf({ password });
  return createHash('sha256')
    .update(JSON.stringify([parts, declared, secret]))
    .digest('base64');
}
