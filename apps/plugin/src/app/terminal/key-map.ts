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
