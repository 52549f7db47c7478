import { gettext, type Message } from './message';

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
  gettext(
    'Could not login to ssh server on endpoint "{{ name }}". Provided credential for user "{{ user }}" is incorrect.',
  ),
];

const PLACEHOLDER = /\\\{\\\{ (\w+) \\\}\\\}/g;

/** A pattern for each sentence, with a group for each value. */
const PATTERNS = SENTENCES.map(text => {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { text, pattern: new RegExp(`^${escaped.replace(PLACEHOLDER, '(?<$1>.+)')}$`, 's') };
});

/**
 * Turns a sentence of the service into a message that is translated where it is shown, if the
 * sentence is known.
 */
export function serviceMessage(sentence: string): Message {
  for (const { text, pattern } of PATTERNS) {
    const found = pattern.exec(sentence);
    if (found) return { text, values: { ...found.groups } };
  }
  return { text: sentence };
}
