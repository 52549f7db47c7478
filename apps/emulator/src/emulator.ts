import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type Express } from 'express';
import { SignInLinks, signInLinkRoute } from './api/sign-in-link';
import { answerErrors, answerNotEmulated, mountRoutes } from './rest/rest-router';
import { optionHeaders } from './api/options';
import { ROUTES } from './api/routes';
import { Authentication, DEFAULT_TENANT } from './auth/authentication';
import { OwnHosts, refuse, refuseUpgrade } from './own-hosts';
import { Ingress } from './ingress/ingress';
import { ReplicaPool } from './ingress/replica-pool';
import { MqttBroker } from './mqtt/mqtt-broker';
import { INGRESS_REFUSALS } from './ingress/ingress-refusals';
import { Realtime } from './realtime/realtime';
import { seed } from './seed/seed';
import { Sentinels } from './rest/sentinels';
import { appFiles } from './app-files';
import { DataFile } from './store/data-file';
import { Store } from './store/store';
import { serverIdentity, type ServerIdentity } from './certificates';
import { Uploads } from './uploads/uploads';

/** How long a connection may take until a request is complete. */
export interface RequestDeadlines {
  /** For the TLS handshake, and for the headers. */
  readonly headersMs: number;
  /** For headers and body. */
  readonly requestMs: number;
  /** How often these deadlines are checked. */
  readonly checkMs: number;
}

/** Longer than the microservice waits, so that its own response gets through. */
const DEADLINES: RequestDeadlines = { headersMs: 15_000, requestMs: 45_000, checkMs: 2_000 };

/**
 * Longer than clients keep idle connections; Node's short default may close a connection just as
 * the next request is sent.
 */
const KEEP_ALIVE_MS = 65_000;

/** The usual idle timeout of proxies; the platform's is not public. */
const HOSTED_IDLE_MS = 60_000;

/** The local stack must not be reachable from other machines. */
const HOST = '127.0.0.1';

export interface EmulatorOptions {
  /** 0, the default, picks a free port. */
  port?: number;
  /**
   * TLS in addition to plain HTTP, with a CA whose certificate is written to the folder. The CA is
   * new, unless one is stored in the data folder.
   */
  https?: { port: number; folder: string };
  /** The MQTT broker. 0 picks a free port. */
  mqtt?: { port: number };
  /** The broker over TLS, where devices may sign in with certificates; the CA is that of `https`. */
  mqtts?: { port: number; folder: string };
  /**
   * The password of every person and device; defaults to that of the saved state, or a new random
   * one.
   */
  password?: string;
  /** Where the state is saved; if absent, it is lost with the process. */
  dataFolder?: string;
  /** Context path → folder of built files, served at `/apps/{contextPath}/`. */
  appsFolders?: Readonly<Record<string, string>>;
  /** Where `/service/remoteaccess` is routed; can be set later with `routeMicroservice`. */
  microservice?: {
    name: 'cloud-remote-access';
    contextPath: 'remoteaccess';
    urls: readonly string[];
  };
  /**
   * Treats the microservice as if it ran in the platform's cluster: `Host` is its name there,
   * `X-Forwarded-Proto` says `http`, encrypted options arrive as request headers, and WebSockets
   * without traffic for a minute are closed. Calls need the roles that the platform's documentation
   * names; the seeded devices lack the role for querying their own user.
   */
  asHosted?: boolean;
  /** A platform without remote access: neither the microservice nor the plugin is installed. */
  bare?: boolean;
  /** Starts uploaded microservices. Off by default: an upload is executable code. */
  runUploads?: boolean;
  /** Whether the ingress demands credentials on an upgrade, as some platforms may. */
  upgradeNeedsCredentials?: boolean;
  /** Further origins under which the platform is reached, or whose pages may use it. */
  allowedOrigins?: readonly string[];
  deadlines?: RequestDeadlines;
  now?: () => Date;
}

/** A local Cumulocity platform, as far as remote access needs it. */
export class Emulator {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  url = '';
  /** `https://127.0.0.1:PORT`, if TLS is on. */
  httpsUrl: string | undefined;
  /** `mqtt://127.0.0.1:PORT`, if the broker is on. */
  mqttUrl: string | undefined;
  /** `mqtts://127.0.0.1:PORT`, if the broker has TLS. */
  mqttsUrl: string | undefined;
  /** The broker, if it is on. */
  broker: MqttBroker | undefined;
  /** File with the certificate of the CA. */
  caPath: string | undefined;
  private readonly hosts: OwnHosts;
  private readonly deadlines: RequestDeadlines;
  private readonly links: SignInLinks;
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly ingress: Ingress;
  private readonly realtime: Realtime;
  private readonly uploads: Uploads;
  private readonly app: Express;
  private readonly authentication: Authentication;
  private readonly dataFolder: string | undefined;
  private identity: Promise<ServerIdentity> | undefined;
  private readonly replicas = new ReplicaPool();

  private constructor(
    readonly store: Store,
    options: EmulatorOptions,
    private readonly dataFile: DataFile | undefined,
  ) {
    this.replicas.route(options.microservice?.urls ?? []);
    this.dataFolder = options.dataFolder;
    this.hosts = new OwnHosts(options.allowedOrigins);
    this.deadlines = options.deadlines ?? DEADLINES;
    const authentication = new Authentication(store);
    this.authentication = authentication;
    this.uploads = new Uploads(store, {
      folder: options.dataFolder,
      run: options.runUploads ?? false,
      baseUrl: () => this.url,
    });
    const { uploads } = this;
    const folderOf = appFolderOf(options.appsFolders ?? {}, store, uploads);
    const strictRoles = options.asHosted ?? false;
    const platform = {
      store,
      authentication,
      uploads,
      appFolder: folderOf,
      strictRoles,
    };
    this.ingress = new Ingress(() => this.replicas.next(), {
      hosted: contextPath => uploads.routeOf(contextPath),
      standIn: request => authentication.standInOf(request),
      asHosted: options.asHosted ?? false,
      idleMs: options.asHosted ? HOSTED_IDLE_MS : undefined,
      upgradeRefusal: request => {
        const isOpen = !options.upgradeNeedsCredentials || authentication.knowsUpgrade(request);
        return isOpen ? undefined : INGRESS_REFUSALS.unauthenticated;
      },
      optionHeaders: request => optionHeaders(platform, request),
    });
    const sentinels = new Sentinels();
    this.links = new SignInLinks(store.now);
    this.realtime = new Realtime(authentication, store.changes, store);

    this.app = express().disable('x-powered-by').disable('etag');
    this.app.use(async (request, response, next) => {
      if (!(await sentinels.failByHeader(request, response))) next();
    });
    this.app.use('/service/', (request, response) => this.ingress.handle(request, response));
    this.app.use(['/notification/', '/cep/'], (request, response) =>
      this.realtime.handle(request, response),
    );
    this.app.use(signInLinkRoute(this.links, authentication.tokens));
    this.app.use(appFiles(folderOf));
    this.app.use(mountRoutes(platform, ROUTES, sentinels));
    this.app.use(answerNotEmulated);
    this.app.use(answerErrors);
  }

  /**
   * Starts listening on loopback.
   *
   * @throws DataFileError if the data file is damaged; a system error if a port is taken
   */
  static async start(options: EmulatorOptions = {}): Promise<Emulator> {
    const dataFile = options.dataFolder ? new DataFile(options.dataFolder) : undefined;
    const store = new Store(dataFile?.read(), options.now);
    dataFile?.follow(store);
    seed(store, options.password, options.bare);
    const emulator = new Emulator(store, options, dataFile);
    try {
      const port = await emulator.listen(
        createHttpServer(emulator.serverOptions),
        'http',
        options.port ?? 0,
      );
      emulator.url = `http://${HOST}:${port}`;
      if (options.https) await emulator.listenWithTls(options.https);
      if (options.mqtt || options.mqtts) await emulator.startBroker(options);
    } catch (cause) {
      await emulator.stop();
      throw cause;
    }
    return emulator;
  }

  /** The password of every person and device, unless it was changed. */
  get password(): string {
    return this.store.password ?? '';
  }

  /** @returns a link that signs in a person of the first tenant, once */
  newSignInLink(user: string): string {
    return this.url + this.links.issue({ tenant: DEFAULT_TENANT, user });
  }

  /** Routes `/service/remoteaccess` to other URLs; none while the microservice is down. */
  routeMicroservice(...urls: (string | undefined)[]): void {
    this.replicas.route(urls.filter(url => url !== undefined));
  }

  /** Closes all connections and saves the state. */
  async stop(): Promise<void> {
    this.replicas.stop();
    this.ingress.stop();
    this.realtime.stop();
    await this.broker?.stop();
    const closed = this.servers
      .splice(0)
      .filter(server => server.listening)
      .map(server => once(server.close(), 'close'));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all([...closed, this.uploads.stop()]);
    await this.dataFile?.flush(this.store);
  }

  private async listenWithTls(https: { port: number; folder: string }): Promise<void> {
    const { key, cert } = await this.identityIn(https.folder);
    const handshakeTimeout = this.deadlines.headersMs;
    const server = createHttpsServer({ key, cert, handshakeTimeout, ...this.serverOptions });
    this.httpsUrl = `https://${HOST}:${await this.listen(server, 'https', https.port)}`;
  }

  private async startBroker({ mqtt, mqtts }: EmulatorOptions): Promise<void> {
    const broker = await MqttBroker.create(this.store, this.authentication);
    this.broker = broker;
    if (mqtt) this.mqttUrl = `mqtt://${HOST}:${await broker.listen(HOST, mqtt.port)}`;
    if (mqtts) {
      const identity = await this.identityIn(mqtts.folder);
      const port = await broker.listenWithTls(HOST, mqtts.port, identity);
      this.mqttsUrl = `mqtts://${HOST}:${port}`;
    }
  }

  /** The identity shared by everything that listens with TLS. */
  private async identityIn(folder: string): Promise<ServerIdentity> {
    this.identity ??= serverIdentity(folder, new Date(), this.dataFolder);
    const identity = await this.identity;
    this.caPath = identity.caPath;
    return identity;
  }

  /** Node ends late requests with 408. It does not watch held responses and upgraded sockets. */
  private get serverOptions(): ServerOptions {
    return {
      headersTimeout: this.deadlines.headersMs,
      requestTimeout: this.deadlines.requestMs,
      connectionsCheckingInterval: this.deadlines.checkMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
  }

  private async listen(server: Server, scheme: 'http' | 'https', port: number): Promise<number> {
    server.on('connection', socket => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.setNoDelay(true);
    });
    server.on('request', (request, response) => this.answer(request, response));
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.servers.push(server);
    server.listen(port, HOST);
    await once(server, 'listening');
    const { port: chosen } = server.address() as AddressInfo;
    this.hosts.listenOn(scheme, chosen);
    return chosen;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const refusal = this.hosts.refusalOf(request);
    if (refusal) refuse(response, refusal);
    else this.app(request, response);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.hosts.refusalOf(request);
    if (refusal) return refuseUpgrade(socket, refusal);
    const path = request.url ?? '';
    if (path.startsWith('/service/')) return this.ingress.upgrade(request, socket, head);
    if (this.realtime.upgrade(request, socket, head)) return;
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }
}

/** Finds files that were given at the start, and those that tenants have uploaded. */
function appFolderOf(
  folders: Readonly<Record<string, string>>,
  { applications }: Store,
  uploads: Uploads,
): (contextPath: string, version?: string) => string | undefined {
  return (contextPath, version) => {
    if (Object.hasOwn(folders, contextPath)) return folders[contextPath];
    const origin = applications.list().find(one => one.contextPath === contextPath)?.clonedFrom;
    return uploads.appFolder(contextPath, version) ?? (origin ? folders[origin] : undefined);
  };
}
