/**
 * A net under the rule that nothing secret is handed to the log: forms that credentials, tickets,
 * keys and sealed texts have wherever they stand.
 */
const FORMS: readonly [RegExp, string][] = [
  [/\b(Basic|Bearer)\s+[\w+/=.~-]+/gi, '$1 ******'],
  [/([?&](?:token|ticket|XSRF-TOKEN)=)[^&\s"']*/gi, '$1******'],
  [/\b(authorization|XSRF-TOKEN|tfatoken)=[^;\s"']+/gi, '$1=******'],
  [/\/device\/[0-9a-f-]{36}/gi, '/device/******'],
  [/\{cipher\}[\w.+/=-]*/g, '{cipher}******'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?/g, '******'],
];

/** The text with everything that looks like a credential blanked. */
export function redacted(text: string): string {
  return FORMS.reduce((clean, [form, blanks]) => clean.replace(form, blanks), text);
}
