/**
 * A text for the user, translated where it is shown; `values` fill its {{ placeholders }}. Messages
 * among them are translated too, and so are the texts of a list, which become "one, two and three".
 */
export interface Message {
  text: string;
  values?: Readonly<Record<string, string | readonly string[] | Message>>;
}

/**
 * Marks a text for translation, under the name that the SDK's extractor looks for, and returns it
 * unchanged. Defined here, so that code without a framework can use it.
 */
export function gettext(text: string): string {
  return text;
}
