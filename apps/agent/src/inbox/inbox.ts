/** Somebody wants a tunnel. */
export interface ConnectTask {
  /** For the log. */
  readonly id: string;
  /** As they came; not looked at yet. */
  readonly hostname: unknown;
  readonly port: unknown;
  readonly connectionKey: string;
  /** Tell the platform how far the gateway is. They reject when the platform cannot be told. */
  executing(): Promise<void>;
  successful(): Promise<void>;
  failed(reason: string): Promise<void>;
}

/** Where tasks come from and where is told what became of them, whatever the protocol. */
export interface Inbox {
  /**
   * Hands over each task once, also those that came while nobody listened.
   * @returns after the first time that the platform was reached
   */
  open(take: (task: ConnectTask) => void): Promise<void>;
  /** No task comes any more; what became of those that came can still be told. */
  close(): Promise<void>;
}
