import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import type { GatewayRoute } from '../door/upgrade-adapter';
import { DeviceAdmission } from './device-admission';
import type { Session } from './session';

/** The gateway's side of sessions, docs/wire.md. */
@WebSocketGateway<GatewayRoute>({ path: '/device/:connectionKey', admission: DeviceAdmission })
export class DeviceGateway implements OnGatewayConnection<WebSocket> {
  handleConnection(socket: WebSocket, session: Session): void {
    session.deviceConnected(socket);
  }
}
