/** What answers behind the endpoint "Old controller": a Telnet server on loopback. */
export interface ControllerTarget {
  /** What it is, for the person at the terminal. */
  readonly kind: string;
  readonly port: number;
  stop(): Promise<void>;
}
