/** A text for the user, translated where it is shown; `values` fill its {{ places }}. */
export interface Words {
  text: string;
  values?: Readonly<Record<string, string>>;
}

/**
 * Marks a text for translation, by the name that the SDK's extractor looks for. It does nothing,
 * and it is our own so that classes without a framework can use it.
 */
export function gettext(text: string): string {
  return text;
}
