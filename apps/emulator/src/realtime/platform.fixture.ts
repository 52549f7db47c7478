import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Operation } from '@remote-access/contracts/platform';
import { Authentication } from '../auth/authentication';
import { PASSWORD, withoutDeviceRoles } from '../rest-client.fixture';
import { seed } from '../seed/seed';
import { Store } from '../store/store';
import type { Tenant } from '../store/tenant';
import { Realtime } from './realtime';

/** Serves real time from the seeded store on a free port. */
export class RealtimePlatform {
  readonly store = new Store();
  readonly authentication = new Authentication(this.store);
  readonly realtime: Realtime;
  port = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(handshakeMs?: number) {
    seed(this.store, PASSWORD);
    withoutDeviceRoles(this);
    this.realtime = new Realtime(this.authentication, this.store.changes, this.store, handshakeMs);
    this.server = createServer((request, response) => {
      void this.realtime.handle(request, response);
    });
    this.server.on('connection', socket => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.server.on('upgrade', (request, socket, head) => {
      if (!this.realtime.upgrade(request, socket, head)) socket.destroy();
    });
  }

  static async start(handshakeMs?: number): Promise<RealtimePlatform> {
    const platform = new RealtimePlatform(handshakeMs);
    platform.server.listen(0, '127.0.0.1');
    await once(platform.server, 'listening');
    platform.port = (platform.server.address() as AddressInfo).port;
    return platform;
  }

  get tenant(): Tenant {
    return this.store.tenant('t1001')!;
  }

  /** Creates an operation like a user's POST. */
  createOperation(deviceId: string, more: Partial<Operation> = {}): Operation {
    return this.tenant.operations.put({
      id: this.tenant.ids.next(),
      deviceId,
      status: 'PENDING',
      creationTime: this.store.now().toISOString(),
      ...more,
    });
  }

  async stop(): Promise<void> {
    this.realtime.stop();
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }
}

/** A Basic `Authorization` header. */
export function basic(user: string, password = PASSWORD): string {
  return `Basic ${btoa(`${user}:${password}`)}`;
}
