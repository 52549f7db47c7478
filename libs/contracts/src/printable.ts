/** Longest quotation of untrusted text in an error message. */
const MAX_QUOTED_CHARACTERS = 60;

/** Makes untrusted text fit for an error message: shortened and without control characters. */
export function printable(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  // Keeps letters, marks, numbers, punctuation, symbols and spaces, but no bidi overrides.
  const clean = text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+/gu, ' ').trim();
  const characters = [...clean];
  return characters.length <= maxCharacters
    ? clean
    : `${characters.slice(0, maxCharacters).join('')}…`;
}
