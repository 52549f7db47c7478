import { gettext, type Words } from '../ui/words';
import type { Ended, Ender, SessionState, Stage } from './session-state';

/** What a stage is called while it is waited for, once it is done, and where a session failed. */
export const STAGE_WORDS: Readonly<Record<Stage, Record<'waiting' | 'done' | 'failed', string>>> = {
  operation: {
    waiting: gettext('Creating operation…'),
    done: gettext('Operation created for the gateway'),
    failed: gettext('No operation for the gateway'),
  },
  gateway: {
    waiting: gettext('Waiting for gateway…'),
    done: gettext('Gateway connected'),
    failed: gettext('Gateway not connected'),
  },
  endpoint: {
    waiting: gettext('Waiting for endpoint…'),
    done: gettext('Endpoint answered'),
    failed: gettext('No answer from endpoint'),
  },
  'sign-in': {
    waiting: gettext('Signing in…'),
    done: gettext('Signed in'),
    failed: gettext('Not signed in'),
  },
  start: {
    waiting: gettext('Starting…'),
    done: gettext('Started'),
    failed: gettext('Not started'),
  },
};

const ENDER_WORDS: Readonly<Record<Ender, { open: string; opening: string }>> = {
  client: { open: gettext('Disconnected'), opening: gettext('Cancelled') },
  gateway: {
    open: gettext('The gateway ended the session'),
    opening: gettext('The gateway could not connect'),
  },
  target: {
    open: gettext('The remote server ended the session'),
    opening: gettext('The remote server could not be used'),
  },
  service: {
    open: gettext('The remote access service ended the session'),
    opening: gettext('The session could not be opened'),
  },
  platform: {
    open: gettext('Cumulocity ended the session'),
    opening: gettext('Cumulocity refused the session'),
  },
  network: {
    open: gettext('The connection was lost'),
    opening: gettext('The connection could not be made'),
  },
};

/** Where a session is, in a word or two: the line that screen readers hear when it changes. */
export function statusOf(state: SessionState): string {
  switch (state.phase) {
    case 'idle':
      return '';
    case 'connecting':
      return state.question ? gettext('Waiting for your answer') : STAGE_WORDS[state.stage].waiting;
    case 'open':
      return state.question ? gettext('Waiting for your answer') : gettext('Connected');
    case 'ended':
      return gettext('Not connected');
    default:
      return state satisfies never;
  }
}

/** Who ended a session, as a heading. */
export function endedHeading(ended: Ended): string {
  const words = ENDER_WORDS[ended.by] ?? ENDER_WORDS.service;
  return ended.wasOpen ? words.open : words.opening;
}

/** Why a session ended, in sentences; none when the heading says it all. */
export function endedReasons(ended: Ended): Words[] {
  if (ended.refusal) {
    return ended.refusal.advice
      ? [ended.refusal.words, ended.refusal.advice]
      : [ended.refusal.words];
  }
  const reasons: Words[] = [];
  if (ended.words) reasons.push(ended.words);
  else if (ended.text) reasons.push({ text: ended.text });
  else if (ended.by === 'client') reasons.push({ text: gettext('You ended the session.') });
  else if (ended.by === 'network') {
    reasons.push({ text: gettext('Check the connection and connect again.') });
  }
  // The service has said it, in its own words.
  if (!ended.text && ended.exitStatus !== undefined) {
    const values = { status: String(ended.exitStatus) };
    reasons.push({ text: gettext('Exit status: {{ status }}.'), values });
  }
  return reasons;
}

/** Elapsed time as people read it: tenths of seconds at first, then whole ones. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.floor(seconds % 60)} s`;
}
