import { createHash } from 'node:crypto';

/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The proof that a handshake was understood, RFC 6455, section 4.2.2; any key is only hashed. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
}

/** The answer to a handshake. Extensions are never negotiated. */
export function switchingProtocols(key: string, protocol: string): string {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptOf(key)}`,
    ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * The subprotocols of `Sec-WebSocket-Protocol`, RFC 6455, section 4.1.
 * @returns `undefined` if the header is malformed or names one twice
 */
export function offeredSubprotocols(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return [];
  const names = header.split(',').map(name => name.trim());
  const isWellFormed =
    names.every(name => TOKEN.test(name)) && new Set(names).size === names.length;
  return isWellFormed ? names : undefined;
}
