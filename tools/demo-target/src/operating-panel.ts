/** The screen that a newcomer's first VNC session reaches: a VNC server on loopback. */
export interface OperatingPanel {
  /** What it is, for the person at the terminal. */
  readonly kind: string;
  readonly port: number;
  /** Made for this run. */
  readonly password: string;
  stop(): Promise<void>;
}
