/**
 * Close codes of our WebSockets. 1000 to 1011 are RFC 6455's; errors of the catalogue are
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

/** RFC 6455 5.5: a control frame carries at most 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

/** Cuts a reason to what a close frame can carry, never inside a character. */
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
