import { pageLanguage } from './page-language';

/** Date and time in the language of the page; only the time if it is today. */
export function timeText(time: Date, now = new Date()): string {
  const isToday = time.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(pageLanguage(), {
    ...(isToday ? {} : { dateStyle: 'medium' }),
    timeStyle: 'short',
  }).format(time);
}
