import type { KeyOptions } from '../endpoints/key-choices';

/** The numbers of F1 to F12 in `ESC [ n ~`. */
const VT_NUMBERS = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24];

const FUNCTION_KEY = /^F([1-9]|1[0-2])$/;

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'shiftKey'>;

/**
 * What a key sends instead of what xterm.js would send.
 * @returns `undefined` for keys that are left to xterm.js, including all with a modifier
 */
export function mappedKey(event: Key, options: KeyOptions): string | undefined {
  const { key, ctrlKey, altKey, metaKey, shiftKey } = event;
  if (altKey || metaKey || shiftKey) return undefined;
  // Ctrl+Backspace sends the other one of the two codes, as in xterm.
  if (key === 'Backspace' && options.backspace === 'bs') return ctrlKey ? '\x7f' : '\b';
  if (ctrlKey) return undefined;
  if (key === 'Delete' && options.deleteKey === 'del') return '\x7f';
  if (options.homeEnd === 'vt220') {
    if (key === 'Home') return '\x1b[1~';
    if (key === 'End') return '\x1b[4~';
  }
  const number = Number(FUNCTION_KEY.exec(key)?.[1] ?? 0);
  return number === 0 ? undefined : functionKey(number, options.functionKeys);
}

function functionKey(
  number: number,
  keys: KeyOptions['functionKeys'] = 'xterm',
): string | undefined {
  const vt = `\x1b[${VT_NUMBERS[number - 1]}~`;
  switch (keys) {
    case 'xterm':
      return undefined;
    case 'linux':
      return number <= 5 ? `\x1b[[${'ABCDE'[number - 1]}` : vt;
    case 'vt400':
      return vt;
    case 'sco':
      return `\x1b[${'MNOPQRSTUVWX'[number - 1]}`;
    default:
      return keys satisfies never;
  }
}

/** The keys of the bar, in order. */
export const KEY_BAR_KEYS = [
  ...([
    'Esc',
    'Tab',
    'Left',
    'Up',
    'Down',
    'Right',
    'Home',
    'End',
    'PgUp',
    'PgDn',
    'Ins',
    'Del',
  ] as const),
  ...(['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'F11', 'F12'] as const),
] as const;
export type KeyBarKey = (typeof KEY_BAR_KEYS)[number];

/** The final letter that xterm sends after `CSI`, or after `SS3` in application cursor mode. */
const CURSOR_KEYS: Partial<Record<KeyBarKey, string>> = {
  Up: 'A',
  Down: 'B',
  Right: 'C',
  Left: 'D',
  Home: 'H',
  End: 'F',
};

const OTHER_KEYS: Partial<Record<KeyBarKey, string>> = {
  Esc: '\x1b',
  Tab: '\t',
  PgUp: '\x1b[5~',
  PgDn: '\x1b[6~',
  Ins: '\x1b[2~',
  Del: '\x1b[3~',
  F1: '\x1bOP',
  F2: '\x1bOQ',
  F3: '\x1bOR',
  F4: '\x1bOS',
  F5: '\x1b[15~',
  F6: '\x1b[17~',
  F7: '\x1b[18~',
  F8: '\x1b[19~',
  F9: '\x1b[20~',
  F10: '\x1b[21~',
  F11: '\x1b[23~',
  F12: '\x1b[24~',
};

/** Keys whose names on the bar differ from those in keyboard events. */
const EVENT_KEYS: Partial<Record<KeyBarKey, string>> = { Del: 'Delete' };

const UNMODIFIED = { altKey: false, metaKey: false, shiftKey: false };

/** Keys that touch keyboards lack, and a Ctrl key that applies to the next key. */
export class KeyBar {
  ctrl = false;

  toggleCtrl(): void {
    this.ctrl = !this.ctrl;
  }

  /**
   * @param applicationMode whether the program has enabled application cursor mode (DECCKM)
   * @param options what keys send to this endpoint
   * @returns the characters to send
   */
  press(key: KeyBarKey, applicationMode: boolean, options: KeyOptions = {}): string {
    const ctrl = this.ctrl;
    this.ctrl = false;
    const mapped = mappedKey(
      { ...UNMODIFIED, key: EVENT_KEYS[key] ?? key, ctrlKey: ctrl },
      options,
    );
    if (mapped !== undefined) return mapped;
    const letter = CURSOR_KEYS[key];
    if (letter === undefined) return OTHER_KEYS[key] ?? '';
    if (ctrl) return `\x1b[1;5${letter}`;
    return (applicationMode ? '\x1bO' : '\x1b[') + letter;
  }

  /** Applies the Ctrl key to a typed character. */
  typed(text: string): string {
    if (!this.ctrl || text.length !== 1) return text;
    const upper = text.toUpperCase().charCodeAt(0);
    // Only @ to _ and Space have a control character, given by their lowest five bits.
    if ((upper < 0x40 || upper > 0x5f) && upper !== 0x20) return text;
    this.ctrl = false;
    return String.fromCharCode(upper & 0x1f);
  }
}
