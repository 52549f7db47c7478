/** More than anybody copies by hand, and little enough to be looked at. */
const MAX_BASE64_CHARACTERS = 100_000;

/**
 * Reads the text of OSC 52, `selection;base64`, with which a program writes to the clipboard.
 * @returns the text; `undefined` for what is none, also for `?`, which asks for the clipboard.
 */
export function clipboardRequest(data: string): string | undefined {
  const [, base64] = /^[cpqs0-7]*;([A-Za-z0-9+/=]+)$/.exec(data) ?? [];
  if (base64 === undefined || base64.length > MAX_BASE64_CHARACTERS) return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) || undefined;
  } catch {
    // Base64 that is none, or bytes that are no text.
    return undefined;
  }
}
