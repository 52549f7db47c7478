/**
 * What terminals answer by themselves when a program asks: device attributes, status, the position
 * of the cursor, modes, settings (DECRQSS) and colours. ECMA-48; XTerm Control Sequences.
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

/** The replies of a terminal among what comes from it, without what its user types. */
export function repliesIn(input: Buffer): Buffer {
  const found = input.toString('latin1').match(REPLY);
  return Buffer.from(found?.join('') ?? '', 'latin1');
}
