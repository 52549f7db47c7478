import type { SessionState } from '../session/connection/session-machine';
import { addressOf } from '../session/session-target';
import { gettext, type Message } from '../ui/message';
import { type SessionTab, MAX_TABS } from './session-tabs';
import type { Question } from '../ui/question-dialog.component';

/** What a tab shows about its session. */
export type TabState = 'opening' | 'running' | 'reconnecting' | 'ended' | 'attention';

export const TAB_STATE_TEXTS: Readonly<Record<TabState, string>> = {
  opening: gettext('opening'),
  running: gettext('running'),
  reconnecting: gettext('reconnecting'),
  ended: gettext('ended'),
  attention: gettext('needs attention'),
};

const STATE_OF: Readonly<Record<SessionState['phase'], TabState>> = {
  idle: 'opening',
  connecting: 'opening',
  open: 'running',
  interrupted: 'reconnecting',
  ended: 'ended',
};

/** A question waits for an answer even if the user has seen it. */
export function tabStateOf(tab: SessionTab): TabState {
  const state = tab.state();
  const isAsking = (state.phase === 'connecting' || state.phase === 'open') && state.question;
  return isAsking || tab.needsAttention() ? 'attention' : STATE_OF[state.phase];
}

/** The names of a session: its endpoint, and then user, host and gateway. */
export function tabNamesOf({ endpoint, target }: SessionTab): { name: string; where: string } {
  const known = endpoint();
  if (!known) return { name: target.gateway, where: '' };
  return { name: known.name, where: `${addressOf(known)} · ${target.gateway}` };
}

/** Applies to all sessions that end because the user leaves them. */
const PROGRAMS_MAY_STOP: Message = {
  text: gettext('Programs that you have started there may stop.'),
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
      PROGRAMS_MAY_STOP,
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
      PROGRAMS_MAY_STOP,
    ],
    choices: [
      { value: 'stay', label: gettext('Stay'), look: 'default' },
      { value: 'close', label: gettext('Close tab'), look: 'danger' },
    ],
  };
}
