export const CENSOR = '******';

/** Log fields whose value is always redacted. */
export const SENSITIVE_FIELDS = [
  'authorization',
  'cookie',
  'passphrase',
  'password',
  'privateKey',
  'ticket',
  'token',
] as const;

/** The patterns of credentials, tickets, connection keys, private keys and sealed texts. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(Basic|Bearer)\s+[\w+/=.~-]+/gi, `$1 ${CENSOR}`],
  [/([?&](?:token|ticket|XSRF-TOKEN)=)[^&\s"']*/gi, `$1${CENSOR}`],
  [/\b(authorization|XSRF-TOKEN|tfatoken)=[^;\s"']+/gi, `$1=${CENSOR}`],
  [/\/device\/[0-9a-f-]{36}/gi, `/device/${CENSOR}`],
  [/\{cipher\}[\w.+/=-]*/g, `{cipher}${CENSOR}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?/g, CENSOR],
];

/** Redacts everything in a text that looks like a secret. */
export function redact(text: string): string {
  return PATTERNS.reduce((clean, [pattern, censored]) => clean.replace(pattern, censored), text);
}
