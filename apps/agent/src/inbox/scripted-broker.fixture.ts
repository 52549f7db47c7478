import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { waitUntil } from '@remote-access/testkit';
import { Aedes, type Client } from 'aedes';

/** The platform's broker under the control of a test: it executes nothing. */
export class ScriptedBroker {
  /** `topic payload`, one entry for each published row. */
  readonly published: string[] = [];
  readonly subscribed: string[] = [];
  connections = 0;
  /** The certificates of the devices that connected with TLS, in PEM without white space. */
  readonly certificates: string[] = [];
  /** Topics that are refused. */
  refused: readonly string[] = [];
  /** The code with which connection attempts are refused. */
  returnCode: number | undefined;
  /** Handles a message, for example by dropping the connection. */
  onPublish: (topic: string, payload: string) => void = () => undefined;
  private client: Client | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly aedes: Aedes,
    private readonly server: Server,
    private readonly scheme: 'mqtt' | 'mqtts',
  ) {}

  static async start(tls?: TlsOptions): Promise<ScriptedBroker> {
    const aedes = await Aedes.createBroker();
    const serve = (socket: Socket): void => {
      broker.sockets.add(socket);
      socket.once('close', () => broker.sockets.delete(socket));
      aedes.handle(socket);
    };
    const serveSecure = (socket: TLSSocket): void => {
      const certificate = socket.getPeerX509Certificate();
      if (certificate) broker.certificates.push(certificate.toString().replace(/\s/g, ''));
      serve(socket);
    };
    const server = tls ? createTlsServer(tls, serveSecure) : createServer(serve);
    const broker = new ScriptedBroker(aedes, server, tls ? 'mqtts' : 'mqtt');
    aedes.authenticate = (client, _user, _password, done) => {
      const { returnCode } = broker;
      if (returnCode !== undefined) {
        return done(Object.assign(new Error('refused'), { returnCode }), null);
      }
      broker.connections += 1;
      broker.client = client;
      done(null, true);
    };
    aedes.authorizeSubscribe = (_client, subscription, done) => {
      broker.subscribed.push(subscription.topic);
      done(null, broker.refused.includes(subscription.topic) ? null : subscription);
    };
    aedes.authorizePublish = (_client, { topic, payload }, done) => {
      for (const row of payload.toString().split('\n')) broker.published.push(`${topic} ${row}`);
      broker.onPublish(topic, payload.toString());
      done(null);
    };
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return broker;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The statuses that were reported, in order. */
  get reports(): string[] {
    return this.published.filter(row => /^s\/us.* 50[1-6],/.test(row));
  }

  send(topic: string, payload: string): void {
    this.client?.publish(
      { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false },
      () => undefined,
    );
  }

  notify(id: string, key: string, more: object = {}): void {
    const c8y_RemoteAccessConnect = { hostname: 'h', port: 22, connectionKey: key };
    const operation = { id, status: 'PENDING', c8y_RemoteAccessConnect, ...more };
    this.send('devicecontrol/notifications', JSON.stringify(operation));
  }

  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  receives(row: string): Promise<void> {
    return waitUntil(row, () => this.published.includes(row));
  }

  async stop(): Promise<void> {
    this.drop();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
    await new Promise<void>(resolve => this.aedes.close(resolve));
  }
}
