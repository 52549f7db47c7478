import { printable } from '@remote-access/contracts';
import { type Handshake, peek, read, send } from './handshake';
import {
  type AnnouncedVersion,
  readVersion,
  VERSION_LENGTH,
  versionLine,
  VERSIONS,
} from './protocol-version';
import type { VncErrors } from './vnc-errors';

/** How many bytes are read from a server that does not speak RFB. */
const GREETING_BYTES = 255;

const OTHER_SERVERS: readonly (readonly [RegExp, string])[] = [
  [/^SSH-/, 'an SSH server'],
  [/^HTTP\/\d/, 'a web (HTTP) server'],
  [/^[\u0015\u0016]\u0003/, 'a TLS server'],
  [/^\u00ff[\u00fa-\u00ff]/, 'a Telnet server'],
  [/^220[ -].*ftp/i, 'an FTP server'],
  [/^220[ -]/, 'a mail or FTP server'],
];

/** The version of UltraVNC's repeater, which expects the id of a server next. */
const REPEATER = '000.000';

const GREETING = 'its protocol version';

/**
 * Reads the version that the server announces.
 * @throws RemoteAccessError naming the kind of server, if it does not speak RFB
 */
export function* serverGreeting(errors: VncErrors): Handshake<AnnouncedVersion> {
  // Servers of other kinds may send fewer than twelve bytes and then wait.
  const first = yield* read(1, GREETING);
  const isRfb = first[0] === 'R'.charCodeAt(0);
  const rest = isRfb ? yield* read(VERSION_LENGTH - 1, GREETING) : yield* peek(GREETING_BYTES);
  const line = Uint8Array.of(...first, ...rest);
  const version = readVersion(line);
  if (!version) throw errors.notConnected(describeServer(line));
  if (version.text === REPEATER) {
    throw errors.notConnected(
      'This is a VNC repeater, which requires an id. Repeaters are not supported.',
    );
  }
  if (version.supported === undefined) throw errors.unsupportedVersion(version.text);
  return version;
}

/**
 * Identifies a server that waits for the client to send first, as web servers do: it answers an
 * invalid request with an error message of its protocol.
 *
 * @returns a sentence for the user
 */
export function* provokedGreeting(): Handshake<string> {
  yield* send(versionLine(VERSIONS.v3_8), new TextEncoder().encode('\r\n\r\n'));
  const first = yield* read(1, GREETING);
  return describeServer(Uint8Array.of(...first, ...(yield* peek(GREETING_BYTES))));
}

/** @returns a sentence for the user, e.g. "This is an SSH server, not a VNC server." */
function describeServer(greeting: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(greeting);
  const other = OTHER_SERVERS.find(([pattern]) => pattern.test(text))?.[1];
  const began = `it began with "${printable(new TextDecoder().decode(greeting))}"`;
  return other
    ? `This is ${other}, not a VNC server: ${began}.`
    : `This is not a VNC server: ${began}.`;
}
