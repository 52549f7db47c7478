import { gettext, type Words } from '../ui/words';

/** Why a picture cannot go on; `refused` and `reason` are the server's and the viewer's own words. */
export function brokenWords(refused: string, reason: string): Words {
  if (refused) {
    const text = gettext('The VNC server refused the sign-in: {{ reason }}');
    return { text, values: { reason: refused } };
  }
  if (reason) {
    const text = gettext('What the VNC server sends cannot be shown: {{ reason }}');
    return { text, values: { reason } };
  }
  return { text: gettext('What the VNC server sends cannot be shown.') };
}
