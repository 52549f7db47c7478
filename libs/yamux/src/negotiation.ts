/**
 * multistream-select (https://github.com/multiformats/multistream-select): length, text, line feed.
 */
const message = (text: string): string => `${String.fromCharCode(text.length + 1)}${text}\n`;

/**
 * What a client sends first, in one piece, to use many streams in a session, and what an agent that
 * agrees sends back. An agent that does not know it forwards it to the server.
 */
export const YAMUX_PROPOSAL: Buffer = Buffer.from(
  message('/multistream/1.0.0') + message('/yamux/1.0.0'),
  'latin1',
);

/** Whether these bytes are the proposal, may be the beginning of it, or are something else. */
export function matchProposal(bytes: Buffer): 'whole' | 'part' | 'other' {
  const length = Math.min(bytes.length, YAMUX_PROPOSAL.length);
  if (bytes.compare(YAMUX_PROPOSAL, 0, length, 0, length) !== 0) return 'other';
  return length === YAMUX_PROPOSAL.length ? 'whole' : 'part';
}
