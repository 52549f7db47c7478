import { revealedLines } from '../ui/plain-text';
import type { Question } from '../ui/question-dialog.component';
import { gettext, type Message } from '../ui/message';
import type { PastedText } from './clipboard-text';

/** Above this length the browser takes long to lay out a text, and nobody reads all of it. */
const MAX_PASTE_SHOWN_CHARACTERS = 100_000;

const CANCEL = { value: 'no', label: gettext('Cancel'), look: 'default' } as const;

export function pasteQuestion({ text, lines, removedControls }: PastedText): Question {
  const sentences: Message[] = [
    lines > 1
      ? {
          text: gettext(
            'You are about to paste {{ lines }} lines. A shell may run each of them immediately.',
          ),
          values: { lines: String(lines) },
        }
      : { text: gettext('The text ends with a line break. A shell may run it immediately.') },
  ];
  if (removedControls > 0) {
    sentences.push({
      text: gettext('Control characters removed: {{ count }}.'),
      values: { count: String(removedControls) },
    });
  }
  const shown = text.slice(0, MAX_PASTE_SHOWN_CHARACTERS);
  if (shown.length < text.length) {
    sentences.push({
      text: gettext('Only the first {{ shown }} of {{ count }} characters are shown.'),
      values: { shown: String(shown.length), count: String(text.length) },
    });
  }
  return {
    title: gettext('Paste into the terminal?'),
    icon: 'clipboard',
    sentences,
    quoted: revealedLines(shown),
    choices: [CANCEL, { value: 'yes', label: gettext('Paste'), look: 'primary' }],
  };
}

/** @returns the question; `undefined` if the address is not http or https */
export function linkQuestion(address: string): (Question & { href: string }) | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const { host, href } = url;
  return {
    href,
    title: gettext('Open this link?'),
    icon: 'external-link',
    sentences: [
      {
        text: gettext('This link comes from the remote server. It leads to {{ host }}:'),
        values: { host },
      },
    ],
    quoted: href,
    choices: [CANCEL, { value: 'yes', label: gettext('Open in a new tab'), look: 'primary' }],
  };
}

/** Shows the whole text: what the user agrees to is what is copied. */
export function copyQuestion(text: string): Question {
  return {
    title: gettext('Allow the remote program to copy text?'),
    icon: 'clipboard',
    sentences: [
      {
        text: gettext(
          'It wants to copy this text to your clipboard ({{ count }} characters). Invisible characters are shown as symbols or numbers.',
        ),
        values: { count: String(text.length) },
      },
    ],
    quoted: revealedLines(text),
    choices: [
      { value: 'no', label: gettext('Do not copy'), look: 'default' },
      { value: 'yes', label: gettext('Copy'), look: 'primary' },
    ],
  };
}
