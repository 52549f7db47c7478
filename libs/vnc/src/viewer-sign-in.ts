import { SECURITY_TYPES } from './security-types';

const { NONE, VNC_AUTHENTICATION, RA2_NE, TIGHT, APPLE_DIFFIE_HELLMAN, MS_LOGON_II, VENCRYPT } =
  SECURITY_TYPES;

/** What noVNC signs in by, and asks its user for. */
const SPOKEN: readonly number[] = [
  ...[NONE, VNC_AUTHENTICATION, RA2_NE, TIGHT, APPLE_DIFFIE_HELLMAN, MS_LOGON_II],
];

/**
 * Whether a viewer in the browser gets on with what a server offers. It takes the first that it
 * knows, also VeNCrypt, and fails where VeNCrypt offers TLS only.
 */
export function isLeftToViewer(offered: readonly number[]): boolean {
  return !offered.includes(VENCRYPT) && offered.some(type => SPOKEN.includes(type));
}
