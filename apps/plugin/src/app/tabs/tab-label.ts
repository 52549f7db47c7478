import type { SessionState } from '../session/connection/session-machine';
import { addressOf } from '../session/session-names';
import { gettext } from '../ui/message';
import type { SessionTab } from './session-tabs';

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
