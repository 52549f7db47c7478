import { gettext, type Message } from '../ui/message';

/** What the service says about a damaged entry, as it is written there: pages translate it. */
const DAMAGE: readonly string[] = [
  gettext('port is missing or out of range'),
  gettext('protocol is missing or unknown'),
  gettext('credentials are unknown'),
  gettext('the entry is nested too deeply'),
  gettext('its id is missing or used twice'),
  gettext('{{ field }} is missing'),
  gettext('{{ field }} is unknown'),
  gettext('{{ field }} is stored in clear text'),
  gettext('Protocol "{{ protocol }}" does not support "{{ type }}" credentials type'),
];

const PATTERNS = DAMAGE.map(text => ({
  text,
  pattern: new RegExp(`^${text.replaceAll(/\{\{ (\w+) \}\}/g, '(?<$1>\\w+)')}$`),
}));

/** A problem of a damaged entry in words that pages can translate, or as it is. */
export function damageMessage(problem: string): Message {
  for (const { text, pattern } of PATTERNS) {
    const found = pattern.exec(problem);
    if (found) return { text, values: { ...found.groups } };
  }
  return { text: problem };
}
