/** multistream-select, https://github.com/multiformats/multistream-select: length, text, line feed. */
const message = (text: string): string => `${String.fromCharCode(text.length + 1)}${text}\n`;

/**
 * What a client sends first to have many streams in a session, in one piece, and what an agent that
 * agrees answers. An agent that does not know it passes it on to the server.
 */
export const YAMUX_PROPOSAL: Buffer = Buffer.from(
  message('/multistream/1.0.0') + message('/yamux/1.0.0'),
  'latin1',
);

/** Whether these bytes are the proposal, may become it, or are something else. */
export function matchProposal(bytes: Buffer): 'whole' | 'part' | 'other' {
  const length = Math.min(bytes.length, YAMUX_PROPOSAL.length);
  if (bytes.compare(YAMUX_PROPOSAL, 0, length, 0, length) !== 0) return 'other';
  return length === YAMUX_PROPOSAL.length ? 'whole' : 'part';
}
