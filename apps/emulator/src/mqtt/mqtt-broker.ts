import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Operation } from '@remote-access/contracts/platform';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { Actor } from '../rest/call';
import { collectCredentials } from '../api/device-registration';
import type { AccessTokens, IssuedToken } from '../auth/access-token';
import type { Authentication } from '../auth/authentication';
import type { Store } from '../store/store';
import type { Tenant } from '../store/tenant';
import { DeviceSession, type Downstream } from './device-session';
import { type MqttCaller, serialIn, signInOverMqtt } from './mqtt-sign-in';
import { deviceWithSerial } from './operation-messages';
import { formatRow, parseRows } from './smartrest-lines';

/** The platform's own limit, for header and body. */
const MAX_PAYLOAD_BYTES = 16_184;

/** `s`, `t`, `q` and `c` are processing modes, which make no difference here. */
const STATIC_TEMPLATES = /^[stqc]\/us(?:\/([^/]+))?$/;

const SUBSCRIPTIONS = ['s/ds', 's/e', 's/dat', 'devicecontrol/notifications', 's/dcr', 's/ol'];

/** For the TLS handshake; after it the broker limits the time to the first packet. */
const HANDSHAKE_MS = 15_000;

/** The state of a connection. */
interface Connected {
  readonly client: Client;
  readonly caller: MqttCaller;
  readonly session: DeviceSession;
  readonly tokens: DeviceTokens;
  readonly topics: Set<string>;
  /** Marks the device as disconnected; set once it exists. */
  leaves?: () => void;
}

/**
 * The platform's MQTT broker. It routes nothing between devices: what a device publishes goes to
 * the platform, and what it receives comes from there.
 */
export class MqttBroker {
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly connected = new Map<Client, Connected>();
  private readonly stopListening: () => void;

  private constructor(
    private readonly aedes: Aedes,
    private readonly store: Store,
    private readonly authentication: Authentication,
  ) {
    aedes.preConnect = (_client, packet, done) => {
      // A device has one connection per tenant, however its identifier is written.
      const [tenant] = (packet.username ?? 'certificate/').split('/', 1);
      packet.clientId = `${tenant}:${serialIn(packet.clientId) ?? packet.clientId}`;
      done(null, true);
    };
    aedes.authenticate = (client, userName, password, done) => {
      const returnCode = this.connect(client, userName, password?.toString('utf8'));
      if (returnCode === undefined) return done(null, true);
      done(Object.assign(new Error('refused'), { returnCode }), null);
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const isKnown = SUBSCRIPTIONS.includes(subscription.topic);
      if (isKnown) this.connected.get(client)?.topics.add(subscription.topic);
      done(null, isKnown ? subscription : null);
    };
    aedes.authorizePublish = (client, packet, done) => {
      const isKnown = client !== null && this.receive(client, packet);
      done(isKnown ? null : new Error(`Publishing on ${packet.topic} is not allowed`));
    };
    aedes.on('unsubscribe', (topics, client) => {
      for (const topic of topics) this.connected.get(client)?.topics.delete(topic);
    });
    aedes.on('clientDisconnect', client => {
      this.connected.get(client)?.leaves?.();
      this.connected.delete(client);
    });
    this.stopListening = store.changes.on(({ tenant, area, action, data }) => {
      if (area === 'operations' && action === 'CREATE') this.announce(tenant, data as Operation);
    });
  }

  static async create(store: Store, authentication: Authentication): Promise<MqttBroker> {
    return new MqttBroker(await Aedes.createBroker(), store, authentication);
  }

  /** @returns the port that was chosen */
  listen(host: string, port: number): Promise<number> {
    return this.start(
      createServer(socket => this.serve(socket)),
      host,
      port,
    );
  }

  /** Clients may present a certificate; tenants decide which ones are accepted. */
  listenWithTls(
    host: string,
    port: number,
    { key, cert }: { key: string; cert: string },
  ): Promise<number> {
    const options = { key, cert, requestCert: true, rejectUnauthorized: false };
    const server = createTlsServer({ ...options, handshakeTimeout: HANDSHAKE_MS }, socket =>
      this.serve(socket),
    );
    return this.start(server, host, port);
  }

  /** Ends all connections, as a restart of the platform does. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.stopListening();
    const closed = this.servers.splice(0).map(server => once(server.close(), 'close'));
    this.dropConnections();
    await Promise.all(closed);
    await new Promise<void>(resolve => this.aedes.close(resolve));
  }

  private async start(server: Server, host: string, port: number): Promise<number> {
    server.on('connection', socket => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.setNoDelay(true);
    });
    this.servers.push(server);
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  private serve(socket: Socket): void {
    this.aedes.handle(socket);
  }

  /** @returns the return code if refused */
  private connect(client: Client, userName?: string, password?: string): number | undefined {
    const [, serial = ''] = client.id.split(/:(.*)/s);
    const certificate = certificateOf(client);
    const caller = signInOverMqtt(this.store, this.authentication, {
      clientId: serial,
      userName,
      password,
      certificate,
    });
    if (typeof caller === 'number') return caller;
    const actor: Actor = { platform: { store: this.store }, ...caller };
    const { tenant, user } = caller;
    for (const other of this.connected.values()) {
      if (other.caller.tenant === tenant && other.caller.serial === caller.serial) {
        other.client.close();
      }
    }
    const connected: Connected = {
      client,
      caller,
      session: new DeviceSession(actor, caller.serial, message => this.send(client, message)),
      tokens: new DeviceTokens(this.authentication.tokens, tenant, user.id, this.store.now),
      topics: new Set(),
    };
    this.connected.set(client, connected);
    this.noteDevice(connected);
    return undefined;
  }

  /** @returns whether the device may publish on the topic */
  private receive(client: Client, { topic, payload }: PublishPacket): boolean {
    const connected = this.connected.get(client);
    if (!connected || payload.length > MAX_PAYLOAD_BYTES) return false;
    const { caller, session, tokens } = connected;
    if (caller.isBootstrapping) {
      if (topic !== 's/ucr') return false;
      const own = collectCredentials(this.store, caller.serial);
      if (own) {
        const row = formatRow(['70', own.tenantId, own.username, own.password]);
        this.send(client, { topic: 's/dcr', payload: row });
      }
      return true;
    }
    if (topic === 's/uat') {
      this.send(client, { topic: 's/dat', payload: formatRow(['71', tokens.current()]) });
      return true;
    }
    const [isStatic, child] = STATIC_TEMPLATES.exec(topic) ?? [];
    if (!isStatic) return false;
    for (const row of parseRows(payload.toString())) session.receive(row, child);
    this.noteDevice(connected);
    this.store.presence.heardOf(caller.tenant, caller.user.id);
    return true;
  }

  /** Notes that the device is connected. A new device exists only after its first message. */
  private noteDevice(connected: Connected): void {
    const { tenant, serial, isBootstrapping } = connected.caller;
    const deviceId = isBootstrapping ? undefined : deviceWithSerial(tenant, serial);
    if (deviceId === undefined) return;
    connected.leaves ??= this.store.presence.listens(tenant.name, deviceId);
  }

  private announce(tenant: string, operation: Operation): void {
    for (const { caller, session } of this.connected.values()) {
      if (caller.tenant.name === tenant && !caller.isBootstrapping) session.offer(operation);
    }
  }

  private send(client: Client, { topic, payload }: Downstream): void {
    if (client.closed || !this.connected.get(client)?.topics.has(topic)) return;
    const packet = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false } as const;
    client.publish(packet, () => undefined);
  }
}

function certificateOf({ conn }: Client): DetailedPeerCertificate | undefined {
  const certificate = conn instanceof TLSSocket ? conn.getPeerCertificate(true) : undefined;
  return certificate?.raw ? certificate : undefined;
}

/** The platform's default and minimum, cumulocity.com/docs, "JWT token retrieval". */
const LIFETIME_SECONDS = { default: 3_600, minimum: 300 };

const OPTION = 'oauth.internal/device-token.lifespan.seconds';

/**
 * The tokens of one connection. A new one is issued only after half of the previous one's lifetime.
 */
export class DeviceTokens {
  private last: IssuedToken | undefined;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly tenant: Tenant,
    private readonly user: string,
    private readonly now: () => Date,
  ) {}

  current(): string {
    const nowSeconds = this.now().getTime() / 1000;
    const { iat = 0, exp = 0 } = this.last?.claims ?? {};
    if (this.last && nowSeconds < (iat + exp) / 2) return this.last.token;
    const configured = Number(this.tenant.options.get(OPTION)?.value);
    const seconds = Math.max(
      Number.isInteger(configured) ? configured : LIFETIME_SECONDS.default,
      LIFETIME_SECONDS.minimum,
    );
    this.last = this.tokens.issue(this.tenant.name, this.user, seconds * 1000);
    return this.last.token;
  }
}
