import { printable } from '@remote-access/contracts';
import { peek, read, send, type Handshake } from './handshake';
import {
  readVersion,
  VERSION_LENGTH,
  VERSIONS,
  versionLine,
  type AnnouncedVersion,
} from './protocol-version';
import type { VncTexts } from './vnc-texts';

/** What is looked at of a server that is none of VNC. */
const GREETING_BYTES = 255;

const OTHER_SERVERS: readonly (readonly [RegExp, string])[] = [
  [/^SSH-/, 'an SSH server'],
  [/^HTTP\/\d/, 'a web (HTTP) server'],
  [/^[\u0015\u0016]\u0003/, 'a TLS server'],
  [/^\u00ff[\u00fa-\u00ff]/, 'a Telnet server'],
  [/^220[ -].*ftp/i, 'an FTP server'],
  [/^220[ -]/, 'a mail or FTP server'],
];

/** UltraVNC's repeater, which waits to hear whom to connect to. */
const REPEATER = '000.000';

/** What a server begins with. */
const GREETING = 'its protocol version';

/** The server's first twelve bytes, or what it is when they are no version of RFB. */
export function* serverGreeting(texts: VncTexts): Handshake<AnnouncedVersion> {
  // A server of another kind may send less than twelve bytes and then wait for ever.
  const first = yield* read(1, GREETING);
  const isRfb = first[0] === 'R'.charCodeAt(0);
  const rest = isRfb ? yield* read(VERSION_LENGTH - 1, GREETING) : yield* peek(GREETING_BYTES);
  const line = Uint8Array.of(...first, ...rest);
  const version = readVersion(line);
  if (!version) throw texts.notConnected(describeServer(line));
  if (version.text === REPEATER) {
    throw texts.notConnected('This is a VNC repeater, which needs an id that cannot be given.');
  }
  if (version.spoken === undefined) throw texts.unsupportedVersion(version.text);
  return version;
}

/**
 * What a server is that waits for our word first, as web servers do: a line that is none of
 * theirs makes them say so.
 *
 * @returns one sentence
 */
export function* provokedGreeting(): Handshake<string> {
  yield* send(versionLine(VERSIONS.v3_8), new TextEncoder().encode('\r\n\r\n'));
  const first = yield* read(1, GREETING);
  return describeServer(Uint8Array.of(...first, ...(yield* peek(GREETING_BYTES))));
}

/** One sentence for the user, e.g. "This is an SSH server, not a VNC server." */
export function describeServer(greeting: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(greeting);
  const other = OTHER_SERVERS.find(([pattern]) => pattern.test(text))?.[1];
  const began = `it began with "${printable(new TextDecoder().decode(greeting))}"`;
  return other
    ? `This is ${other}, not a VNC server: ${began}.`
    : `This is no VNC server: ${began}.`;
}
