import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import type { TakenOnce } from '../door/taken-once';
import type { GatewayRoute } from '../door/upgrade-adapter';
import { DeviceAdmission } from './device-admission';
import type { AwaitedGateway } from './awaited-gateway';

/** The gateway's side of sessions, docs/wire.md. */
@WebSocketGateway<GatewayRoute>({ path: '/device/:connectionKey', admission: DeviceAdmission })
export class DeviceGateway implements OnGatewayConnection<WebSocket> {
  handleConnection(socket: WebSocket, takeAwaited: TakenOnce<AwaitedGateway>): void {
    takeAwaited().deviceConnected(socket);
  }
}
