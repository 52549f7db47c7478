/** Longest piece of foreign text in an error message. */
const MAX_QUOTED_CHARACTERS = 60;

/** Text of a far end, cut and without control characters, for an error message. */
export function printable(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  // Letters, marks, numbers, punctuation, symbols and spaces; no controls, no bidi overrides.
  const clean = text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+/gu, ' ').trim();
  const characters = [...clean];
  return characters.length <= maxCharacters
    ? clean
    : `${characters.slice(0, maxCharacters).join('')}…`;
}
