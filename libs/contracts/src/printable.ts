/** Maximum length of untrusted text quoted in an error message. */
const MAX_QUOTED_CHARACTERS = 60;

/** Maximum number of names that an error message lists. */
const MAX_LISTED_NAMES = 5;

/** Makes untrusted text fit for an error message: shortened and without control characters. */
export function printable(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  // Keeps letters, marks, numbers, punctuation, symbols and spaces, but no bidi overrides.
  const clean = text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+/gu, ' ').trim();
  const characters = [...clean];
  return characters.length <= maxCharacters
    ? clean
    : `${characters.slice(0, maxCharacters).join('')}…`;
}

/** Lists untrusted names for an error message: each one once, printable, and only the first few. */
export function printableList(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const shown = distinct.slice(0, MAX_LISTED_NAMES).map(name => printable(name) || '(empty)');
  const more = distinct.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
