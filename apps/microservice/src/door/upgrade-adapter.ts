import type { Server } from 'node:http';
import type { INestApplication, WebSocketAdapter } from '@nestjs/common';
import type { GatewayMetadata } from '@nestjs/websockets';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import { Log } from '../logging/log';
import { MemoryBudget } from '../memory/memory-budget';
import { Metrics } from '../metrics/metrics';
import { SETTINGS, type Settings } from '../settings/settings';
import type { UpgradeRoute } from './route';
import { UpgradeDoor } from './upgrade-door';

/**
 * Makes each `@WebSocketGateway({ path })` a route of {@link UpgradeDoor}. The gateway receives its
 * route in `afterInit` and serves it. Connections go from the door straight to the gateway, because
 * Nest retains the arguments of the last connection forever. See docs/decisions/0004-the-door.md.
 */
export class UpgradeAdapter implements WebSocketAdapter<UpgradeRoute> {
  private readonly door: UpgradeDoor;

  constructor(app: INestApplication) {
    this.door = new UpgradeDoor(
      app.get<Settings>(SETTINGS),
      app.get(Log),
      app.get(Metrics),
      app.get(MemoryBudget),
      app.get<Cluster>(CLUSTER),
    );
    this.door.attach(app.getHttpServer() as Server);
  }

  create(_port: number, { path }: GatewayMetadata): UpgradeRoute {
    if (path === undefined) throw new Error('A gateway needs a path');
    return this.door.route(path);
  }

  bindClientConnect(): void {
    // Connections do not pass through Nest.
  }

  bindMessageHandlers(): void {
    // Sessions are streams of bytes without messages that Nest could dispatch.
  }

  close(route: UpgradeRoute): void {
    route.close();
  }

  /** Nest calls this after the routes are closed. */
  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
