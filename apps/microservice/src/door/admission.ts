import type { IncomingMessage } from 'node:http';
import type { Refusal } from '@remote-access/contracts';
import type { FramedConnection } from '@remote-access/relay';

/** A request for a WebSocket that has passed the door's own checks. */
export interface Upgrade {
  readonly request: IncomingMessage;
  /** Of the route's path: `deviceId`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The `Origin` header, or our own origin if there is none. */
  readonly origin: string;
}

/** An admitted upgrade. Exactly one of the two is called, once. */
export interface Admission {
  /** Takes over the WebSocket before it delivers a message. */
  readonly connected: (socket: FramedConnection) => void;
  /** The caller has gone, or its handshake was malformed: gives back what admitting it took. */
  readonly abandoned: () => void;
}

/** Serves one route: decides who may connect, and takes over their WebSockets. */
export interface UpgradeHandler {
  /** Subprotocols to select where they are offered, the preferred one first. */
  readonly subprotocols: readonly string[];
  /**
   * Whether to serve a malformed `Sec-WebSocket-Key`: cumulocity-agents-linux sends a fixed text of
   * 25 characters.
   */
  readonly acceptsAnyKey: boolean;
  admit(upgrade: Upgrade): Promise<Admission | Refusal>;
}
