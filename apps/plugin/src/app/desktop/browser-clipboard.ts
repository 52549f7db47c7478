import type { LocalClipboard } from './desktop-clipboard';

/** {@link LocalClipboard} of the browser. */
export const BROWSER_CLIPBOARD: LocalClipboard = {
  write: text => navigator.clipboard.writeText(text),

  async readIfAllowed() {
    try {
      // Firefox and Safari know no such permission: there the panel is the way.
      const name = 'clipboard-read' as PermissionName;
      const { state } = await navigator.permissions.query({ name });
      return state === 'granted' ? await navigator.clipboard.readText() : undefined;
    } catch {
      return undefined;
    }
  },
};
