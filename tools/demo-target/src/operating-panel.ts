import { randomBytes } from 'node:crypto';

/** The VNC server on loopback behind the endpoint "Operating panel". */
export interface OperatingPanel {
  /** The description that `npm start` prints. */
  readonly kind: string;
  readonly port: number;
  /** Generated for this run. */
  readonly password: string;
  stop(): Promise<void>;
}

/** VNC uses only the first eight characters. */
const LENGTH = 8;

/** Generates a password. Nobody has to type it. */
export function panelPassword(): string {
  return randomBytes(LENGTH).toString('base64url').slice(0, LENGTH);
}
