import type { IncomingMessage } from 'node:http';
import type { Refusal } from '@remote-access/contracts';
import type { FramedConnection } from '@remote-access/relay';
import type { ReplicaId } from '../cluster/cluster';

/** A request for a WebSocket that has passed the door's own checks. */
export interface Upgrade {
  readonly request: IncomingMessage;
  /** From the route's path, such as `deviceId`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The `Origin` header, or our own origin if there is none. */
  readonly origin: string;
  /** Whether another replica forwarded it: it is not forwarded again. */
  readonly isForwarded: boolean;
}

/** An admitted upgrade. Exactly one of the two functions is called, once. */
export interface Admission {
  /** Takes over the WebSocket before it delivers a message. */
  readonly connected: (socket: FramedConnection) => void;
  /** The caller left or its handshake was malformed: releases what the admission reserved. */
  readonly abandoned: () => void;
}

/** An upgrade that belongs to another replica, where it is repeated. */
export interface Forward {
  readonly owner: ReplicaId;
}

/** Serves one route: admits or refuses upgrades and takes over the WebSockets. */
export interface UpgradeHandler {
  /** Subprotocols to select if the client offers them, preferred one first. */
  readonly subprotocols: readonly string[];
  /**
   * Whether the handler decides about a malformed `Sec-WebSocket-Key`: cumulocity-agents-linux sends a
   * fixed text of 25 characters.
   */
  readonly acceptsAnyKey: boolean;
  admit(upgrade: Upgrade): Promise<Admission | Forward | Refusal>;
}

/** Characters of a parameter. Nothing is percent-decoded, so that an address has one spelling. */
const PARAMETER = '[\\w-]{1,128}';

/**
 * A path with parameters, such as `/client/:deviceId/configurations/:configId`, and its handler.
 * The path must match exactly: case-sensitive, no trailing slash, no `%2f`, `//` or `..`.
 */
export class UpgradeRoute {
  private readonly expression: RegExp;
  private handler: UpgradeHandler | undefined;
  private isClosed = false;

  constructor(readonly path: string) {
    const source = path.replace(/:(\w+)/g, `(?<$1>${PARAMETER})`);
    this.expression = new RegExp(`^${source}$`);
  }

  /** Called once by the gateway class that declares the route, in its `afterInit`. */
  serve(handler: UpgradeHandler): void {
    this.handler = handler;
  }

  /** From now on every upgrade is refused. */
  close(): void {
    this.isClosed = true;
  }

  /** @returns the parameters; `undefined` if the path does not match */
  match(path: string): Readonly<Record<string, string>> | undefined {
    const found = this.expression.exec(path);
    return found ? { ...found.groups } : undefined;
  }

  /** `undefined` once the route is closed. */
  get open(): UpgradeHandler | undefined {
    return this.isClosed ? undefined : this.handler;
  }
}
