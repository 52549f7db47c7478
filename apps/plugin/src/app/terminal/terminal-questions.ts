import type { Ask } from '../session/ask-desk';
import { plainLines } from '../ui/plain-text';
import { gettext, type Words } from '../ui/words';
import type { PastedText } from './pasted-text';

/** What is shown of a long text: enough to see what it is. */
const SHOWN_CHARACTERS = 4000;

const BACK = { value: 'no', label: gettext('Cancel'), look: 'default' } as const;

export function askBeforePaste({ text, lines, removedControls }: PastedText): Ask {
  const sentences: Words[] = [
    lines > 1
      ? {
          text: gettext('These are {{ lines }} lines. A shell may run each of them at once.'),
          values: { lines: String(lines) },
        }
      : { text: gettext('This line has an end: a shell may run it at once.') },
  ];
  if (removedControls > 0) {
    sentences.push({
      text: gettext('Control characters that were left out: {{ count }}.'),
      values: { count: String(removedControls) },
    });
  }
  return {
    title: gettext('Paste into the terminal?'),
    icon: 'clipboard',
    sentences,
    quoted: shown(text),
    choices: [BACK, { value: 'yes', label: gettext('Paste'), look: 'primary' }],
  };
}

/** @returns the question; `undefined` for what is no address of the web */
export function askBeforeLink(address: string): (Ask & { href: string }) | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const { host, href } = url;
  return {
    href,
    title: gettext('Open this link?'),
    icon: 'external-link',
    sentences: [
      {
        text: gettext('The address comes from the remote server. It leads to {{ host }}:'),
        values: { host },
      },
    ],
    quoted: href,
    choices: [BACK, { value: 'yes', label: gettext('Open in a new tab'), look: 'primary' }],
  };
}

export function askBeforeCopy(text: string): Ask {
  return {
    title: gettext('Let the remote program copy?'),
    icon: 'clipboard',
    sentences: [{ text: gettext('It wants to put this text into your clipboard:') }],
    quoted: shown(text),
    choices: [
      { value: 'no', label: gettext('Do not copy'), look: 'default' },
      { value: 'yes', label: gettext('Copy'), look: 'primary' },
    ],
  };
}

function shown(text: string): string {
  const plain = plainLines(text);
  return plain.length > SHOWN_CHARACTERS ? `${plain.slice(0, SHOWN_CHARACTERS)}…` : plain;
}
