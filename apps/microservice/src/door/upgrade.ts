import type { IncomingMessage } from 'node:http';
import type { Refusal } from '@remote-access/contracts';
import type { RouteParameters } from './route-pattern';

/** A request for a WebSocket that has passed the door's own checks. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly parameters: RouteParameters;
  readonly query: URLSearchParams;
  /** The page that asks: the `Origin` header, or our own origin where there is none. */
  readonly origin: string;
}

/** A "yes" together with what it was said for. */
export interface Admitted<Attachment> {
  /** Handed to the gateway together with the WebSocket, once. */
  readonly attachment: Attachment;
  /** Gives back what the "yes" took, when the handshake fails after it. */
  readonly abandon: () => void;
}

/** Decides who comes through a route of WebSockets. */
export interface UpgradeAdmission<Attachment = unknown> {
  /** Subprotocols that are answered where they are offered, the preferred one first. */
  readonly subprotocols: readonly string[];
  /**
   * Whether a `Sec-WebSocket-Key` of a wrong form is served: cumulocity-agents-linux sends a fixed
   * text of 25 characters.
   */
  readonly takesAnyKey: boolean;
  admit(upgrade: Upgrade): Promise<Admitted<Attachment> | Refusal>;
}
