import { gettext, type Message } from './message';
import { SERVER_SENTENCES } from './server-sentences';

/**
 * Sentences with names and numbers, which the service and our agent write in English. More specific
 * ones come first.
 */
const SENTENCES: readonly string[] = [
  gettext('The gateway could not connect to the endpoint: connection refused by {{ address }}'),
  gettext('The gateway could not connect to the endpoint: no route to {{ address }}'),
  gettext('The gateway could not connect to the endpoint: {{ address }} is down'),
  gettext('The gateway could not connect to the endpoint: no answer from {{ address }} in time'),
  gettext('The gateway could not connect to the endpoint: connection reset by {{ address }}'),
  gettext(
    'The gateway could not connect to the endpoint: cannot resolve host name {{ address }}: the DNS server did not answer in time',
  ),
  gettext('The gateway could not connect to the endpoint: cannot resolve host name {{ address }}'),
  gettext(
    "The gateway could not connect to the endpoint: target {{ address }} is denied by this gateway's configuration (ALLOW_TARGETS, DENY_TARGETS)",
  ),
  gettext(
    'The gateway could not connect to the endpoint: the gateway has reached its limit of {{ count }} sessions',
  ),
  gettext(
    'The gateway could not connect to the endpoint: the gateway did not consent: {{ reason }}',
  ),
  gettext('The gateway could not connect to the endpoint: the gateway did not consent'),
  gettext('The gateway could not connect to the endpoint: {{ reason }}'),
  gettext(
    'Only the device user "{{ user }}" connected for the gateway "{{ name }}", and that user owns neither the gateway nor a parent device.',
  ),
  gettext('The gateway "{{ name }}" took the operation but did not connect within {{ time }}.'),
  gettext('The gateway "{{ name }}" did not answer within {{ time }}. It may be offline.'),
  gettext(
    'The connection ended before {{ address }} had sent anything. Probably nothing listens there.',
  ),
  gettext('The client disconnected.'),
  gettext('The remote shell was ended by {{ signal }}.'),
  gettext('The remote shell ended with status {{ status }}.'),
  gettext('The remote server ended the session: "{{ message }}".'),
  gettext('The remote server ended the session.'),
  gettext('The gateway ended the session.'),
  gettext('The remote access service ended the session.'),
  gettext('Cumulocity ended the session.'),
  gettext("The gateway's agent opens its WebSocket with a malformed key."),
  gettext(
    'cumulocity-agents-linux does so. An administrator can accept such keys in the remote access settings (malformedKeys).',
  ),
  gettext("Nobody answered the remote server's question within two minutes."),
  gettext('The remote server asks for more than a sign-in needs.'),
  gettext('You need the permission {{ permissions }}.'),
  gettext('Your tenant is not subscribed to remote access.'),
  gettext('Your tenant is no longer subscribed to remote access.'),
  gettext('Your user was disabled or removed.'),
  gettext('Your password was changed, or your user was disabled or removed.'),
  gettext('You signed out, or your sign-in was revoked.'),
  gettext('The user is now asked first. Watch again to ask.'),
  gettext('"{{ user }}" ended the session.'),
  gettext('"{{ user }}" ended the session: {{ reason }}'),
  gettext('The service has {{ count }} sessions, its limit.'),
  gettext('You have {{ count }} sessions; a user may have {{ limit }} at a time.'),
  gettext('The gateway has {{ count }} sessions; it may have {{ limit }} at a time.'),
  gettext('The memory of {{ whose }} is in use: its limit is {{ limit }} MiB. Try again later.'),
  gettext('a user'),
  gettext('a tenant'),
  gettext('the service'),
  gettext(
    'The rest of a message did not arrive, because the memory for it was in use. Try again later.',
  ),
  gettext('This session already has the maximum number of watchers.'),
  gettext('Too many failed sign-ins. Try again in {{ seconds }} s.'),
  gettext(
    'This replica of the service does not have this connection, and the others cannot be asked at the moment. Connect again.',
  ),
  gettext('Cumulocity limits the number of requests at the moment. Wait a minute and try again.'),
  gettext('The platform has not reported yet which tenants are subscribed.'),
  ...SERVER_SENTENCES,
  gettext(
    'Could not login to ssh server on endpoint "{{ name }}". Provided credential for user "{{ user }}" is incorrect.',
  ),
];

const PLACEHOLDER = /\\\{\\\{ (\w+) \\\}\\\}/g;

/** A pattern for each sentence, with a group for each value. */
const PATTERNS = SENTENCES.map(text => {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { text, pattern: new RegExp(`^${escaped.replace(PLACEHOLDER, '(?<$1>.+?)')}$`, 's') };
});

/** Values that are in the lists themselves. */
const NESTED: ReadonlySet<string> = new Set(['did', 'methods', 'server', 'what', 'whose']);

/**
 * Turns a sentence of the service into a message that is translated where it is shown, if the
 * sentence is known.
 */
export function serviceMessage(sentence: string): Message {
  return knownMessage(sentence) ?? { text: sentence };
}

function knownMessage(sentence: string): Message | undefined {
  for (const { text, pattern } of PATTERNS) {
    const found = pattern.exec(sentence);
    if (!found) continue;
    const values = Object.entries(found.groups ?? {}).map(
      ([name, value]) => [name, valueOf(name, value)] as const,
    );
    return { text, values: Object.fromEntries(values) };
  }
  return undefined;
}

function valueOf(name: string, value: string): string | readonly string[] | Message {
  if (name === 'permissions') return value.split(' and ');
  return (NESTED.has(name) ? knownMessage(value) : undefined) ?? value;
}
