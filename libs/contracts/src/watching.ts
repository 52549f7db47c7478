import { isCount, readTerminalSize, type TaggedMessage } from './wire';

/** Body of `POST …/tickets` for a WebSocket that watches a running session. */
export interface WatchRequest {
  sessionId: string;
}

/** A watcher of a session, as shown to its user. */
export interface ShownWatcher {
  /** Increases within a session. */
  id: number;
  user: string;
  /** Whether the user has to answer with {@link WatchAnswerMessage} first. */
  asks: boolean;
}

/** To the user: who watches. Sent after each change, and after the session was resumed. */
export interface WatchersMessage {
  type: 'watchers';
  watchers: ShownWatcher[];
  /** The watcher who has the keyboard; `null` for the user. */
  keyboard: number | null;
}

/** To the user's terminal: a watcher needs its content. Answered with {@link ScreenMessage}. */
export interface ScreenWantedMessage {
  type: 'screen-wanted';
  id: number;
}

export const KEYBOARD_HOLDERS = ['user', 'you', 'other'] as const;

/** To a watcher: how the session is watched. Sent after each change. */
export interface WatchingMessage {
  type: 'watching';
  /** The user whose session it is. */
  user: string;
  /** `asking` while the user's consent is pending, `away` while the user's connection is lost. */
  state: 'asking' | 'away' | 'watching';
  /** Who types. */
  keyboard: (typeof KEYBOARD_HOLDERS)[number];
  /** The name of the other watcher who types. */
  typist?: string;
}

export const WATCHING_STATES = [
  'asking',
  'away',
  'watching',
] as const satisfies readonly WatchingMessage['state'][];

/** The content of a terminal: from the user's page to the service, and on to the watchers. */
export interface ScreenMessage {
  type: 'screen';
  /** The id of the {@link ScreenWantedMessage}; watchers may ignore it. */
  id: number;
  /** The offset, in bytes of output since the session began, up to which the screen is drawn. */
  output: number;
  cols: number;
  rows: number;
  /**
   * Output that reproduces the screen in an empty terminal, at most {@link MAX_SCREEN_LENGTH}
   * characters.
   */
  data: string;
}

/** Characters. A screen of 200 columns and 60 rows with a colour per word takes a third of this. */
export const MAX_SCREEN_LENGTH = 100_000;

/** To watchers: the size of the user's terminal has changed. */
export interface SizeMessage {
  type: 'size';
  cols: number;
  rows: number;
}

/** From the user's page: it shows who watches, and answers {@link ScreenWantedMessage}. */
export interface WatchableMessage {
  type: 'watchable';
}

/** From the user's page: whether a watcher may watch. Also used to end it later. */
export interface WatchAnswerMessage {
  type: 'watch-answer';
  id: number;
  allow: boolean;
}

/** From the user's page: hands the keyboard over, or takes it back (`null`). */
export interface KeyboardMessage {
  type: 'keyboard';
  watcher: number | null;
}

/** @returns `undefined` if it is malformed or out of bounds */
export function parseScreen(message: TaggedMessage): ScreenMessage | undefined {
  const { id, output, data } = message;
  const size = readTerminalSize(message);
  const isText = typeof data === 'string' && data.length <= MAX_SCREEN_LENGTH;
  if (!size || !isText || !isCount(id) || !isCount(output)) return undefined;
  return { type: 'screen', id, output, ...size, data };
}

/** @returns `undefined` if it is malformed */
export function parseWatchers({ watchers, keyboard }: TaggedMessage): WatchersMessage | undefined {
  const isValid =
    Array.isArray(watchers) &&
    watchers.every(isShownWatcher) &&
    (keyboard === null || isCount(keyboard));
  return isValid ? { type: 'watchers', watchers, keyboard } : undefined;
}

/** @returns `undefined` if it is malformed */
export function parseWatching(message: TaggedMessage): WatchingMessage | undefined {
  const state = WATCHING_STATES.find(one => one === message['state']);
  const keyboard = KEYBOARD_HOLDERS.find(one => one === message['keyboard']);
  const { user, typist } = message;
  if (!state || !keyboard || typeof user !== 'string') return undefined;
  return {
    type: 'watching',
    user,
    state,
    keyboard,
    ...(typeof typist === 'string' && { typist }),
  };
}

function isShownWatcher(value: unknown): value is ShownWatcher {
  const { id, user, asks } = Object(value) as Partial<ShownWatcher>;
  return isCount(id) && typeof user === 'string' && typeof asks === 'boolean';
}
