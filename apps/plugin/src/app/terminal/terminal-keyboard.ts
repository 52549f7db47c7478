import type { Terminal } from '@xterm/xterm';
import type { KeyOptions } from '../endpoints/key-choices';
import { isLeaveShortcut } from '../ui/page-shortcuts';
import { KeyBar, mappedKey, type KeyBarKey } from './key-codes';
import type { TerminalPreferences } from './terminal-preferences';

/** What the page does with a key. All other keys go to the program. */
export type Shortcut =
  'search' | 'copy' | 'paste' | 'leave' | 'larger' | 'smaller' | 'default-size' | 'none';

type Keys = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

/**
 * @param ctrlVPastes whether Ctrl+V also pastes; otherwise it goes to the program
 * @returns the shortcut, or `none` if the key goes to the program
 */
export function shortcutOf(keys: Keys, ctrlVPastes: boolean): Shortcut {
  const { ctrlKey, shiftKey, altKey, metaKey } = keys;
  if (isLeaveShortcut(keys)) return 'leave';
  if (altKey || metaKey || !ctrlKey) return 'none';
  // By letter, not by position, because keyboard layouts differ.
  const letter = keys.key.toLowerCase();
  if (shiftKey) {
    const action = { f: 'search', c: 'copy', v: 'paste' }[letter] as Shortcut | undefined;
    if (action) return action;
  }
  // Plus may need Shift. Minus with Shift is Ctrl+_, which editors use.
  if (letter === '+' || letter === '=') return 'larger';
  if (letter === '-' && !shiftKey) return 'smaller';
  if (shiftKey) return 'none';
  if (ctrlVPastes && letter === 'v') return 'paste';
  // On some keyboards, such as French ones, the digit key types a letter.
  return letter === '0' || keys.code === 'Digit0' ? 'default-size' : 'none';
}

/** What a terminal's keyboard reports. */
export interface KeyboardListener {
  typed(bytes: Uint8Array<ArrayBuffer>): void;
  /** The user wants to move the focus out, which Tab cannot do in a terminal. */
  leaveRequested(): void;
  searchRequested(): void;
  fontSizeRequested(step: 'larger' | 'smaller' | 'default-size'): void;
  ctrlChanged(down: boolean): void;
}

/**
 * The keyboard of a terminal, including the key bar. It handles the shortcuts of the page, encodes
 * the keys for which the endpoint expects something else, and leaves all others to xterm.js.
 */
export class TerminalKeyboard {
  private readonly encoder = new TextEncoder();
  private readonly bar = new KeyBar();
  /** What keys send to the endpoint. */
  keys: KeyOptions = {};
  /** Whether input is drawn locally although the endpoint does not echo it. */
  localEcho = false;
  /** Set as soon as they are known. */
  preferences: Pick<TerminalPreferences, 'ctrlVPastes' | 'altIsMeta'> = {
    ctrlVPastes: false,
    altIsMeta: true,
  };

  /** @param copy copies the selected text */
  constructor(
    private readonly terminal: Terminal,
    private readonly listener: KeyboardListener,
    private readonly copy: () => void,
  ) {
    terminal.onData(text => this.send(text));
    // Mouse reports in the X10 encoding are bytes, not characters.
    terminal.onBinary(text => listener.typed(Uint8Array.from(text, c => c.charCodeAt(0))));
    terminal.attachCustomKeyEventHandler(event => this.belongsToProgram(event));
  }

  /** Presses a key of the key bar. */
  press(key: KeyBarKey): void {
    const { applicationCursorKeysMode } = this.terminal.modes;
    this.terminal.input(this.bar.press(key, applicationCursorKeysMode, this.keys));
    this.listener.ctrlChanged(this.bar.ctrl);
    this.terminal.focus();
  }

  toggleCtrl(): void {
    this.bar.toggleCtrl();
    this.listener.ctrlChanged(this.bar.ctrl);
    this.terminal.focus();
  }

  private send(text: string): void {
    const typed = this.bar.typed(text);
    if (typed !== text) this.listener.ctrlChanged(this.bar.ctrl);
    if (this.localEcho) this.terminal.write(echoOf(typed));
    this.listener.typed(this.encoder.encode(typed));
  }

  /** @returns false for keys that the page handles itself or leaves to the browser */
  private belongsToProgram(event: KeyboardEvent): boolean {
    const { ctrlVPastes, altIsMeta } = this.preferences;
    const shortcut = shortcutOf(event, ctrlVPastes);
    if (shortcut === 'none') {
      if (this.sendsMapped(event)) return false;
      const isAltCharacter = event.altKey && !event.ctrlKey && event.key.length === 1;
      return !isAltCharacter || altIsMeta;
    }
    // Ignore the keyup that follows. Paste is left to the browser, which then needs no permission.
    if (event.type !== 'keydown' || shortcut === 'paste') return false;
    event.preventDefault();
    switch (shortcut) {
      case 'search':
        this.listener.searchRequested();
        break;
      case 'copy':
        this.copy();
        break;
      case 'leave':
        this.listener.leaveRequested();
        break;
      case 'larger':
      case 'smaller':
      case 'default-size':
        this.listener.fontSizeRequested(shortcut);
        break;
      default:
        shortcut satisfies never;
    }
    return false;
  }

  private sendsMapped(event: KeyboardEvent): boolean {
    const mapped = mappedKey(event, this.keys);
    if (mapped === undefined) return false;
    event.preventDefault();
    if (event.type === 'keydown') this.terminal.input(mapped);
    return true;
  }
}

const BACKSPACE = /[\b\x7f]/g;
/** Keys send control sequences; terminals also answer queries with strings (DCS, OSC). */
const ESCAPE_SEQUENCE = /\x1b(?:[P\]].*?(?:\x07|\x1b\\)|[[O][0-?]*[ -/]*[@-~]|.)?/gs;
const OTHER_CONTROLS = /[\x00-\x07\x0b-\x0c\x0e-\x1f]/g;

/**
 * What a terminal draws for input that the other end does not echo: characters, line breaks, and
 * backspaces that erase. Cursor keys and control characters draw nothing.
 */
export function echoOf(typed: string): string {
  return typed
    .replace(ESCAPE_SEQUENCE, '')
    .replace(OTHER_CONTROLS, '')
    .replace(BACKSPACE, '\x7f')
    .replace(/\r\n?|\n/g, '\r\n')
    .replaceAll('\x7f', '\b \b');
}
