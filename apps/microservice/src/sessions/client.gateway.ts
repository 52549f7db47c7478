import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import type { TakenOnce } from '../door/taken-once';
import type { GatewayRoute } from '../door/upgrade-adapter';
import { ClientAdmission } from './client-admission';
import type { ConnectGrant } from './connect-grant';
import { SessionOpener } from './session-opener';

/** The client's side of sessions, docs/wire.md. */
@WebSocketGateway<GatewayRoute>({
  path: '/client/:deviceId/configurations/:configId',
  admission: ClientAdmission,
})
export class ClientGateway implements OnGatewayConnection<WebSocket> {
  constructor(private readonly opener: SessionOpener) {}

  handleConnection(socket: WebSocket, takeGrant: TakenOnce<ConnectGrant>): void {
    this.opener.open(socket, takeGrant());
  }
}
