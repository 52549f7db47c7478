/** Date and time in the language of the page: only the time if it is today. */
export function timeText(time: Date, now = new Date()): string {
  const isToday = time.toDateString() === now.toDateString();
  const style = isToday ? {} : ({ dateStyle: 'medium' } as const);
  return format({ ...style, timeStyle: 'short' }).format(time);
}

function format(style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(document.documentElement.lang || undefined, style);
  } catch {
    // The page names its language in another form, such as de_DE.
    return new Intl.DateTimeFormat(undefined, style);
  }
}
