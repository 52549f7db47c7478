/**
 * The language of the page in the form that Intl expects, with the region of the user's browser:
 * `en-GB` if a British user reads an English page. `undefined`, meaning the browser's own, if it is
 * unknown.
 */
export function pageLanguage(
  page = document.documentElement.lang,
  browser: readonly string[] = navigator.languages,
): string | undefined {
  // Some pages write de_DE.
  const language = page.replace('_', '-');
  const regional = browser.find(one => one.startsWith(`${language}-`));
  try {
    return Intl.getCanonicalLocales(regional ?? language)[0];
  } catch {
    return undefined;
  }
}

/** A number in the language of the page, with a fixed number of decimals. */
export function numberText(value: number, decimals = 0): string {
  return new Intl.NumberFormat(pageLanguage(), {
    useGrouping: false,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
}

/** Date and time in the language of the page; only the time if it is today. */
export function timeText(time: Date, now = new Date()): string {
  return time.toDateString() === now.toDateString() ? formatted(time, {}) : dateTimeText(time);
}

/** Date and time in the language of the page. */
export function dateTimeText(time: Date): string {
  return formatted(time, { dateStyle: 'medium' });
}

function formatted(time: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(pageLanguage(), { ...options, timeStyle: 'short' }).format(time);
}
