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
