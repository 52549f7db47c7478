/**
 * Close codes of RFC 6455, section 7.4.1, that our WebSockets use. Errors of the catalogue close
 * with
 * 4000 + their HTTP status.
 */
export const CLOSE_CODES = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  messageTooBig: 1009,
  internal: 1011,
} as const;

/** RFC 6455, section 5.5: a control frame carries 125 bytes, two of which are the close code. */
const MAX_REASON_BYTES = 123;

/** Shortens a reason to fit a close frame, at a character boundary. */
export function closeReason(text: string): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= MAX_REASON_BYTES) return text;
  let kept = '';
  let bytes = encoder.encode('…').length;
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_REASON_BYTES) break;
    kept += character;
  }
  return `${kept}…`;
}
