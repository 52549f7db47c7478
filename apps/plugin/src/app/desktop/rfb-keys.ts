import { gettext } from '../ui/message';

/** A key as RFB identifies it: its X11 keysym and its position on the keyboard (UI Events `code`). */
export interface Key {
  readonly keysym: number;
  readonly code: string;
}

const key = (keysym: number, code: string): Key => ({ keysym, code });

/** Key names as printed on keyboards, in lower case. The keysyms are those of X11's keysymdef.h. */
const NAMED = new Map<string, Key>([
  ['ctrl', key(0xffe3, 'ControlLeft')],
  ['shift', key(0xffe1, 'ShiftLeft')],
  ['alt', key(0xffe9, 'AltLeft')],
  ['altgr', key(0xfe03, 'AltRight')],
  ['win', key(0xffeb, 'MetaLeft')],
  ['menu', key(0xff67, 'ContextMenu')],
  ['esc', key(0xff1b, 'Escape')],
  ['tab', key(0xff09, 'Tab')],
  ['enter', key(0xff0d, 'Enter')],
  ['backspace', key(0xff08, 'Backspace')],
  ['space', key(0x20, 'Space')],
  ['plus', key(0x2b, '')],
  ['print', key(0xff61, 'PrintScreen')],
  ['scroll', key(0xff14, 'ScrollLock')],
  ['pause', key(0xff13, 'Pause')],
  ['insert', key(0xff63, 'Insert')],
  ['del', key(0xffff, 'Delete')],
  ['home', key(0xff50, 'Home')],
  ['end', key(0xff57, 'End')],
  ['pageup', key(0xff55, 'PageUp')],
  ['pagedown', key(0xff56, 'PageDown')],
  ['left', key(0xff51, 'ArrowLeft')],
  ['up', key(0xff52, 'ArrowUp')],
  ['right', key(0xff53, 'ArrowRight')],
  ['down', key(0xff54, 'ArrowDown')],
]);

/** Other names, English and German. */
const ALIASES = new Map([
  ['control', 'ctrl'],
  ['strg', 'ctrl'],
  ['umschalt', 'shift'],
  ['option', 'alt'],
  ['windows', 'win'],
  ['super', 'win'],
  ['meta', 'win'],
  ['cmd', 'win'],
  ['escape', 'esc'],
  ['return', 'enter'],
  ['delete', 'del'],
  ['entf', 'del'],
  ['printscreen', 'print'],
  ['druck', 'print'],
  ['ins', 'insert'],
  ['pgup', 'pageup'],
  ['pgdn', 'pagedown'],
  ['eingabe', 'enter'],
  ['einfg', 'insert'],
  ['pos1', 'home'],
  ['ende', 'end'],
]);

/** The keysym of F1. The other function keys follow it. */
const F1_KEYSYM = 0xffbe;
const FUNCTION_KEYS = 12;

/** A combination with more keys is a mistake. */
const MAX_KEYS = 5;

/** Combinations that the browser or the operating system would capture, offered as buttons. */
export const COMBINATIONS = [
  gettext('Ctrl+Alt+Del'),
  gettext('Alt+Tab'),
  gettext('Alt+F4'),
  gettext('Win'),
  gettext('Esc'),
  gettext('Print'),
  gettext('Ctrl+Esc'),
  gettext('Ctrl+Shift+Esc'),
];

/**
 * Parses a combination such as "Ctrl+Alt+Del" or "alt + f4".
 *
 * @returns the keys in the order in which they are pressed; `undefined` if a name is unknown
 */
export function parseCombination(text: string): readonly Key[] | undefined {
  const names = text.split('+').map(name => name.trim());
  if (names.length > MAX_KEYS) return undefined;
  const keys = names.map(parseKey);
  return keys.every(found => found !== undefined) ? keys : undefined;
}

/** The key that types a character, independent of keyboard layouts. */
export function keyOf(character: string): Key {
  const point = character.codePointAt(0)!;
  if (character === '\n' || character === '\r') return NAMED.get('enter')!;
  if (character === '\t') return NAMED.get('tab')!;
  // The keysyms of Latin-1 are its code points. All other characters have a fixed bit set.
  const keysym = point >= 0x20 && point <= 0xff ? point : 0x01000000 + point;
  return key(keysym, '');
}

function parseKey(name: string): Key | undefined {
  const lower = name.toLowerCase();
  const named = NAMED.get(ALIASES.get(lower) ?? lower);
  if (named) return named;
  const number = /^f(\d{1,2})$/.exec(lower)?.[1];
  if (number !== undefined) return functionKey(Number(number));
  const [only, ...rest] = [...lower];
  if (only === undefined || rest.length > 0) return undefined;
  return /^[a-z]$/.test(only) ? key(only.charCodeAt(0), `Key${only.toUpperCase()}`) : keyOf(only);
}

function functionKey(number: number): Key | undefined {
  if (number < 1 || number > FUNCTION_KEYS) return undefined;
  return key(F1_KEYSYM + number - 1, `F${number}`);
}

/**
 * The keys that turn one text into another: backspaces, then the new characters. Touch keyboards
 * send no key events, and correct words that were typed earlier.
 */
export function keysForEdit(before: string, after: string): readonly Key[] {
  const [old, now] = [[...before], [...after]];
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same += 1;
  const erased = Array.from({ length: old.length - same }, () => NAMED.get('backspace')!);
  return [...erased, ...now.slice(same).map(keyOf)];
}
