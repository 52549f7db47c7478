/** The machine that a newcomer's first session reaches: an SSH server on loopback. */
export interface DemoTarget {
  /** What it is, for the person at the terminal. */
  readonly kind: string;
  readonly port: number;
  readonly userName: string;
  /** In OpenSSH's format, not encrypted; made for this run. */
  readonly privateKey: string;
  readonly publicKey: string;
  /** One line, `type base64`. */
  readonly hostKey: string;
  stop(): Promise<void>;
}
