/** A request for a tunnel. */
export interface ConnectTask {
  /** For the log. */
  readonly id: string;
  /** Not validated yet: anyone who may create operations chooses them. */
  readonly hostname: unknown;
  readonly port: unknown;
  readonly connectionKey: unknown;
  /** Each reports a status to the platform and rejects when that fails. */
  executing(): Promise<void>;
  successful(): Promise<void>;
  failed(reason: string): Promise<void>;
}

/** Delivers tasks and reports their status, over whichever protocol. */
export interface Inbox {
  /**
   * Delivers each task once, including tasks that were created before.
   * @returns when the platform has been reached for the first time
   */
  open(onTask: (task: ConnectTask) => void): Promise<void>;
  /** Stops delivering tasks. Reports in progress may still finish. */
  close(): Promise<void>;
}
