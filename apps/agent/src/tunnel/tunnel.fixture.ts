import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ConnectTask } from '../inbox/inbox';

/** The remote access service as an agent sees it. */
export class FakeRelay {
  readonly requests: IncomingMessage[] = [];
  /** Responds to upgrades instead of accepting them. */
  refuse: ((response: ServerResponse | Socket) => void) | undefined;
  autoPong = true;
  private readonly http: Server = createServer();
  private webSockets: WebSocketServer | undefined;
  private readonly waiting = new Map<string, (socket: WebSocket) => void>();
  private readonly sockets = new Set<Socket>();

  static async start(): Promise<FakeRelay> {
    const relay = new FakeRelay();
    relay.http.on('connection', socket => {
      relay.sockets.add(socket);
      socket.once('close', () => relay.sockets.delete(socket));
    });
    relay.http.on('upgrade', (request, socket, head) => {
      relay.upgrade(request, socket as Socket, head);
    });
    relay.http.listen(0, '127.0.0.1');
    await once(relay.http, 'listening');
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** @param onArrival is called synchronously, before any byte is read */
  arrival(key: string, onArrival?: (socket: WebSocket) => void): Promise<WebSocket> {
    return new Promise(resolve => {
      this.waiting.set(key, socket => {
        onArrival?.(socket);
        resolve(socket);
      });
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.http.close();
    await once(this.http, 'close');
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.requests.push(request);
    if (this.refuse) {
      this.refuse(socket);
      return;
    }
    this.webSockets ??= new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      autoPong: this.autoPong,
    });
    this.webSockets.handleUpgrade(request, socket, head, webSocket => {
      webSocket.binaryType = 'nodebuffer';
      webSocket.on('error', () => webSocket.terminate());
      this.waiting.get(request.url!.split('/').pop()!)?.(webSocket);
    });
  }
}

/** Records the statuses that are reported for a task. */
export class FakeTask implements ConnectTask {
  readonly states: string[] = [];
  /** Decides whether and when a report succeeds. */
  reporting: (state: string) => Promise<void> = () => Promise.resolve();
  hostname: unknown = '127.0.0.1';

  constructor(
    readonly id: string,
    public port: unknown,
    readonly connectionKey: unknown = `key-${id}`,
  ) {}

  executing = (): Promise<void> => this.report('EXECUTING');
  successful = (): Promise<void> => this.report('SUCCESSFUL');
  failed = (reason: string): Promise<void> => this.report(`FAILED ${reason}`);

  private report(state: string): Promise<void> {
    this.states.push(state);
    return this.reporting(state);
  }
}
