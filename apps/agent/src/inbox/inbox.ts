import type { ConnectRequest } from './operations';

/** A request for a tunnel. */
export interface ConnectTask extends ConnectRequest {
  /** The id for log lines. */
  readonly id: string;
  /** Each reports a status to the platform and rejects if reporting fails. */
  executing(): Promise<void>;
  successful(): Promise<void>;
  failed(reason: string): Promise<void>;
}

/** Delivers tasks and reports their status, regardless of the protocol. */
export interface Inbox {
  /**
   * Delivers each task once, including tasks that were created earlier. Resolves when the platform
   * has been reached for the first time.
   */
  open(onTask: (task: ConnectTask) => void): Promise<void>;
  /** Stops delivering tasks. Reports in progress may still finish. */
  close(): Promise<void>;
}
