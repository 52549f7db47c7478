/** The language of the page as Intl takes it; `undefined`, for the browser's, if it is unknown. */
export function pageLanguage(): string | undefined {
  // Some pages write de_DE.
  const language = document.documentElement.lang.replace('_', '-');
  try {
    return Intl.getCanonicalLocales(language)[0];
  } catch {
    return undefined;
  }
}
