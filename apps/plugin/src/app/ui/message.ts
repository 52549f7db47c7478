/**
 * A text for the user, translated where it is shown; `values` fill its {{ placeholders }}. The
 * texts of a list are also translated, and become "one, two and three".
 */
export interface Message {
  text: string;
  values?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Marks a text for translation, under the name that the SDK's extractor looks for, and returns it
 * unchanged. Defined here, so that code without a framework can use it.
 */
export function gettext(text: string): string {
  return text;
}
