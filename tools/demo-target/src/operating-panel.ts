import { randomBytes } from 'node:crypto';

/** The screen that a newcomer's first VNC session reaches: a VNC server on loopback. */
export interface OperatingPanel {
  /** What it is, for the person at the terminal. */
  readonly kind: string;
  readonly port: number;
  /** Made for this run. */
  readonly password: string;
  stop(): Promise<void>;
}

/** VNC looks at eight characters. */
const LENGTH = 8;

/** A password that nobody has to type. */
export function panelPassword(): string {
  return randomBytes(LENGTH).toString('base64url').slice(0, LENGTH);
}
