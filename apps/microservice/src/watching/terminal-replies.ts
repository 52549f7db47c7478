/**
 * What terminals send on their own in response to a program's queries: device attributes, status,
 * cursor position, modes, settings (DECRQSS) and colours. ECMA-48; XTerm Control Sequences.
 */
const REPLY = new RegExp(
  [
    '\x1b\\[[?>=]?[\\d;]{0,64}[cnR]',
    '\x1b\\[\\??[\\d;]{0,64}\\$y',
    '\x1bP[01]\\$r[^\x07\x1b]{0,64}\x1b\\\\',
    '\x1b\\](?:4;\\d{1,3}|1[0-2]);[^\x07\x1b]{0,64}(?:\x07|\x1b\\\\)',
  ].join('|'),
  'g',
);

/** Extracts a terminal's replies from its input, without what the user types. */
export function repliesIn(input: Buffer): Buffer {
  const found = input.toString('latin1').match(REPLY);
  return Buffer.from(found?.join('') ?? '', 'latin1');
}
