import { gettext, type Message } from '../ui/message';
import type { Question } from '../ui/question-dialog.component';
import { MAX_TABS, type SessionTab } from './session-tabs';
import { tabNamesOf } from './tab-label';

/** Applies to all sessions that end because the user leaves them. */
const NO_INPUT: Message = {
  text: gettext(
    'No input is sent. Programs running there are notified that you have disconnected.',
  ),
};

export const TOO_MANY_TABS: Message = {
  text: gettext(
    'This window has {{ count }} sessions, the most it can have. Close a tab before you open another one.',
  ),
  values: { count: String(MAX_TABS) },
};

/** @param count the number of sessions that would end */
export function leaveQuestion(count: number): Question {
  const isOne = count === 1;
  return {
    title: isOne ? gettext('Leave the session?') : gettext('Leave the sessions?'),
    icon: 'sign-out',
    sentences: [
      isOne
        ? { text: gettext('You are connected. Leaving this page ends the session.') }
        : {
            text: gettext(
              'You have {{ count }} open sessions. Leaving this page ends all of them.',
            ),
            values: { count: String(count) },
          },
      NO_INPUT,
      { text: gettext('To connect to another endpoint as well, stay and open a new tab.') },
    ],
    choices: [
      { value: 'stay', label: gettext('Stay'), look: 'default' },
      { value: 'leave', label: gettext('Leave'), look: 'danger' },
    ],
  };
}

export function closeQuestion(tab: SessionTab): Question {
  const { name } = tabNamesOf(tab);
  return {
    title: gettext('Close the tab?'),
    icon: 'times',
    sentences: [
      {
        text: gettext('You are connected to {{ name }}. Closing the tab ends the session.'),
        values: { name },
      },
      NO_INPUT,
    ],
    choices: [
      { value: 'stay', label: gettext('Stay'), look: 'default' },
      { value: 'close', label: gettext('Close tab'), look: 'danger' },
    ],
  };
}
