import type { BaseWsInstance } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { RoutePattern } from './route-pattern';
import { takenOnce, type TakenOnce } from './taken-once';
import type { UpgradeAdmission } from './upgrade';
import { WebSocketHandover } from './web-socket-handover';

/** Called with each WebSocket and what its admission attached to it. */
export type ConnectionListener = (webSocket: WebSocket, attachment: TakenOnce<unknown>) => void;

/** What Nest knows as a gateway's server: one path, who may come, and who gets them. */
export class UpgradeRoute {
  readonly pattern: RoutePattern;
  readonly handover: WebSocketHandover;
  private listener: ConnectionListener | undefined;
  private over = false;

  constructor(
    path: string,
    readonly admission: UpgradeAdmission,
  ) {
    this.pattern = new RoutePattern(path);
    this.handover = new WebSocketHandover(admission.subprotocols);
  }

  /** Nest subscribes each gateway with this; the event is always `connection`. */
  readonly on: BaseWsInstance['on'] = (_event, listener) => {
    this.listener = listener as ConnectionListener;
  };

  connected(webSocket: WebSocket, attachment: unknown): void {
    this.listener?.(webSocket, takenOnce(attachment));
  }

  /** From now on everybody is refused. */
  close(closed?: () => void): void {
    this.over = true;
    closed?.();
  }

  get closed(): boolean {
    return this.over;
  }
}
