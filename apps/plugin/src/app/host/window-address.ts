import type { Protocol } from '@remote-access/contracts';

/** Set by webpack to the folder of remoteEntry.js, with a trailing slash. */
declare const __webpack_public_path__: string | undefined;

/** `/apps/{context path}/…`, sometimes with a version or a tag. */
const APPLICATION = /^\/apps\/([\w.-]+)/;

/**
 * The address of a page that shows a single session without the rest of the product, and loads a
 * fraction of the code.
 *
 * @param pathname the path of this page; the window leads back to its application
 * @param folder the folder of the plugin
 */
export function windowAddress(
  deviceId: string,
  { id, protocol }: { readonly id: string; readonly protocol: Protocol },
  pathname = location.pathname,
  folder = typeof __webpack_public_path__ === 'string' ? __webpack_public_path__ : '',
): string {
  const [, app = 'devicemanagement'] = APPLICATION.exec(pathname) ?? [];
  const path = ['device', deviceId, 'remote-access', id].map(encodeURIComponent).join('/');
  const query = new URLSearchParams({ window: 'own', app, protocol });
  return `${folder}session/index.html#/${path}?${query.toString()}`;
}
