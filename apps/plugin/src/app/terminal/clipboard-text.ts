/**
 * C0 controls except tab and line breaks, delete, and C1. Nobody pastes them on purpose, and ESC [
 * 2 0 1 ~ would end a bracketed paste, so that the shell would run the rest as if it were typed.
 */
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Limits the text that a program may copy, because the user has to review it. */
const MAX_BASE64_CHARACTERS = 100_000;

/** Clipboard text that is safe to send to a terminal. */
export interface PastedText {
  /** Without control characters; line breaks are unchanged. */
  readonly text: string;
  readonly lines: number;
  readonly removedControls: number;
  /** Whether a shell may run a line at once, because a line break follows it. */
  readonly hasLineBreak: boolean;
}

export function sanitizePaste(clipboard: string): PastedText {
  const text = clipboard.replace(CONTROLS, '');
  const [, ...more] = text.split(/\r\n|\r|\n/);
  const lines = more.at(-1) === '' ? more.length : more.length + 1;
  const removedControls = clipboard.length - text.length;
  return { text, lines, removedControls, hasLineBreak: more.length > 0 };
}

/**
 * Parses OSC 52 (`selection;base64`), with which a program writes to the clipboard.
 *
 * @returns the text; `undefined` if it is invalid, or a query (`?`) that would read the clipboard
 */
export function parseClipboardWrite(data: string): string | undefined {
  const [, base64] = /^[cpqs0-7]*;([A-Za-z0-9+/=]+)$/.exec(data) ?? [];
  if (base64 === undefined || base64.length > MAX_BASE64_CHARACTERS) return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) || undefined;
  } catch {
    // Invalid Base64 or invalid UTF-8.
    return undefined;
  }
}
