/** A text for the user, translated where it is shown; `values` fill its {{ placeholders }}. */
export interface Message {
  text: string;
  values?: Readonly<Record<string, string>>;
}

/**
 * Marks a text for translation, under the name that the SDK's extractor looks for, and returns it
 * unchanged. Our own, so that code without a framework can use it.
 */
export function gettext(text: string): string {
  return text;
}
