import type { Server } from 'node:http';
import type { INestApplication, Type } from '@nestjs/common';
import { AbstractWsAdapter, type GatewayMetadata } from '@nestjs/websockets';
import { Log } from '../logging/log';
import { SETTINGS, type Settings } from '../settings/settings';
import type { UpgradeAdmission } from './upgrade';
import { UpgradeDoor } from './upgrade-door';
import type { UpgradeRoute } from './upgrade-route';

/** What `@WebSocketGateway({...})` takes with this adapter. */
export interface GatewayRoute extends GatewayMetadata {
  /** A path with parameters: `/client/:deviceId/configurations/:configId`. */
  readonly path: string;
  /** The provider that decides who comes in. */
  readonly admission: Type<UpgradeAdmission>;
}

/**
 * Serves Nest's gateways through {@link UpgradeDoor}. A gateway's `handleConnection` gets the
 * WebSocket and takes what its admission attached; see docs/decisions/0004-the-door.md.
 */
export class UpgradeAdapter extends AbstractWsAdapter<UpgradeRoute> {
  private readonly door: UpgradeDoor;

  constructor(private readonly app: INestApplication) {
    super(app);
    this.door = new UpgradeDoor(app.get<Settings>(SETTINGS), app.get(Log));
    this.door.attach(app.getHttpServer() as Server);
  }

  override create(_port: number, options: GatewayRoute): UpgradeRoute {
    const admission = this.app.get<UpgradeAdmission>(options.admission, { strict: false });
    return this.door.route(options.path, admission);
  }

  /** Sessions are streams of bytes: there are no messages that Nest could hand out. */
  override bindMessageHandlers(): void {
    return undefined;
  }
}
