import { randomBytes } from 'node:crypto';

/** VNC looks at eight characters. */
const LENGTH = 8;

/** A password that nobody has to type. */
export function panelPassword(): string {
  return randomBytes(LENGTH).toString('base64url').slice(0, LENGTH);
}
