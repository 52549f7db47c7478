import type { HostKeyMessage, Protocol } from '@remote-access/contracts';
import type { Hops, Latency } from './connection/latency-meter';
import { gettext, type Message } from '../ui/message';
import { numberText } from '../ui/page-language';
import { serviceMessage } from '../ui/service-sentences';
import {
  STAGES,
  type Ended,
  type EndSource,
  type SessionState,
  type Stage,
  type StartedState,
} from './connection/session-machine';

const STAGE_TEXTS: Readonly<Record<Stage, Record<'waiting' | 'done' | 'failed', string>>> = {
  operation: {
    waiting: gettext('Creating operation…'),
    done: gettext('Operation created for the gateway'),
    failed: gettext('Operation not created'),
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
    done: gettext('Session started'),
    failed: gettext('Not started'),
  },
};

const ENDED_BY_TEXTS: Readonly<Record<EndSource, { open: string; opening: string }>> = {
  client: { open: gettext('Disconnected'), opening: gettext('Cancelled') },
  gateway: {
    open: gettext('The gateway ended the session'),
    opening: gettext('The gateway could not connect'),
  },
  target: {
    open: gettext('The remote server ended the session'),
    opening: gettext('The remote server could not start the session'),
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
    opening: gettext('The connection could not be established'),
  },
};

/** The tag that shows the state of the server's host key, and its colour. */
const HOST_KEY_TAGS: Readonly<Record<HostKeyMessage['state'], { text: string; look: string }>> = {
  known: { text: gettext('host key verified'), look: 'tag--success' },
  new: { text: gettext('host key not verified'), look: 'tag--warning' },
  saved: { text: gettext('host key saved'), look: 'tag--success' },
  changed: { text: gettext('host key has changed'), look: 'tag--danger' },
};

export function hostKeyTag({ state }: HostKeyMessage): { text: string; look: string } {
  // A newer service may send states that this version does not know.
  return HOST_KEY_TAGS[state] ?? HOST_KEY_TAGS.new;
}

/** The status line, which screen readers announce when it changes. */
export function statusOf(state: SessionState): string {
  switch (state.phase) {
    case 'idle':
      return '';
    case 'connecting':
      return state.question ? gettext('Waiting for your answer') : STAGE_TEXTS[state.stage].waiting;
    case 'open':
      return state.question ? gettext('Waiting for your answer') : gettext('Connected');
    case 'interrupted':
      return gettext('Connection lost. Reconnecting…');
    case 'ended':
      return gettext('Not connected');
    default:
      return state satisfies never;
  }
}

/** Which hop behind the service does not answer; `undefined` while all do. */
export function hopWarning({ gateway, endpoint }: Hops): string | undefined {
  switch (gateway) {
    case 'silent':
      return gettext('Gateway not answering');
    case 'not-reading':
      return gettext('Gateway is not reading');
    case 'answers':
    case undefined:
      return endpoint === 'silent' ? gettext('Endpoint not answering') : undefined;
    default:
      return gateway satisfies never;
  }
}

/** One part of the path from this page to the endpoint, and its round trip. */
export interface Hop {
  readonly name: string;
  readonly ms: number;
}

/** The round trip of each hop that was measured, in path order, up to one that does not answer. */
export function hopList({ nowMs, hops }: Latency): Hop[] {
  const { gateway, gatewayMs, endpoint, endpointMs } = hops;
  const list: Hop[] = [];
  if (nowMs !== undefined) list.push({ name: gettext('service'), ms: nowMs });
  if (gateway === 'silent') return list;
  if (gatewayMs !== undefined) list.push({ name: gettext('gateway'), ms: gatewayMs });
  if (endpointMs !== undefined && endpoint !== 'silent') {
    // The path to the endpoint leads through the gateway.
    list.push({ name: gettext('endpoint'), ms: Math.max(0, endpointMs - (gatewayMs ?? 0)) });
  }
  return list;
}

/** How a session ended. */
export interface Ending {
  readonly heading: Message;
  /** Details that the heading does not give. */
  readonly reasons: readonly Message[];
}

/**
 * How a session ended. The heading is the text of the error if there is one, otherwise the side
 * that ended the session.
 */
export function endingOf(ended: Ended): Ending {
  const texts = ENDED_BY_TEXTS[ended.by] ?? ENDED_BY_TEXTS.service;
  const side = { text: ended.wasOpen ? texts.open : texts.opening };
  const [first, ...others] = endedReasons(ended);
  const isError = ended.code !== 'normal' && (ended.refusal ?? ended.message ?? ended.text);
  return first && isError
    ? { heading: first, reasons: others }
    : { heading: side, reasons: first ? [first, ...others] : [] };
}

function endedReasons(ended: Ended): Message[] {
  if (ended.refusal) {
    const { message, advice } = ended.refusal;
    const known = message.values ? message : serviceMessage(message.text);
    return advice ? [known, advice] : [known];
  }
  const reasons: Message[] = [];
  if (ended.message) reasons.push(ended.message);
  else if (ended.text) reasons.push(serviceMessage(ended.text));
  else if (ended.by === 'network') {
    reasons.push({ text: gettext('Check your network connection and reconnect.') });
  }
  // If the service sent a text, that text contains the exit status.
  if (!ended.text && ended.exitStatus !== undefined) {
    const values = { status: String(ended.exitStatus) };
    reasons.push({ text: gettext('Exit status: {{ status }}.'), values });
  }
  return reasons;
}

/** One line in the list of steps. */
export interface ListedStep {
  readonly stage: Stage;
  readonly progress: 'done' | 'current' | 'failed' | 'ahead';
  readonly text: string;
  /** Time since the start; empty for a stage that was not reached. */
  readonly time: string;
}

/**
 * The steps of a session with the time of each. Stages that were skipped or not reached are not
 * listed, because not every protocol goes through all of them.
 */
export function stepList(state: StartedState, nowMs: number): ListedStep[] {
  const here = currentStage(state);
  const skipped = (stage: Stage): boolean =>
    state.reachedAtMs[stage] === undefined &&
    (here === undefined || STAGES.indexOf(stage) < STAGES.indexOf(here));
  const listed = STAGES.filter(stage => !skipped(stage)).map(stage => {
    const doneAtMs = state.reachedAtMs[stage];
    if (doneAtMs !== undefined) return step(stage, 'done', doneAtMs);
    if (state.phase === 'connecting' && state.stage === stage) {
      return step(stage, 'current', nowMs - state.startedAtMs);
    }
    if (state.phase === 'ended' && state.failedAt === stage) {
      return step(stage, 'failed', state.endedAfterMs);
    }
    return step(stage, 'ahead');
  });
  return state.phase === 'ended' ? listed.filter(({ progress }) => progress !== 'ahead') : listed;
}

/** Says that others can read the session, if they can. */
export function unencrypted(
  protocol: Protocol | undefined,
  state: SessionState,
): string | undefined {
  if (protocol === 'TELNET') {
    return gettext(
      'Telnet is not encrypted. Others on the same network as the gateway can read what you type.',
    );
  }
  // Whether the endpoint's connection is encrypted is known once the session is open.
  if (protocol !== 'VNC' || state.phase === 'idle' || state.isEncrypted !== false) return undefined;
  return gettext(
    'This VNC server does not encrypt the session. Others on the same network as the gateway can see the screen and read what you type.',
  );
}

/** The stage that the session is in or failed in; `undefined` for a session that is or was open. */
function currentStage(state: StartedState): Stage | undefined {
  if (state.phase === 'connecting') return state.stage;
  return state.phase === 'ended' ? state.failedAt : undefined;
}

function step(stage: Stage, progress: ListedStep['progress'], atMs?: number): ListedStep {
  const texts = STAGE_TEXTS[stage];
  return {
    stage,
    progress,
    text: progress === 'done' || progress === 'failed' ? texts[progress] : texts.waiting,
    time: atMs === undefined ? '' : elapsed(atMs),
  };
}

/** Elapsed time: tenths of seconds below ten seconds, then whole seconds. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${numberText(seconds, 1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.floor(seconds % 60)} s`;
}
