import type { Protocol } from '@remote-access/contracts';

/** Set by webpack to the folder of remoteEntry.js, with a slash at its end. */
declare const __webpack_public_path__: string | undefined;

/** `/apps/{context path}/…`, with a version or a tag for some. */
const APPLICATION = /^\/apps\/([\w.-]+)/;

/**
 * The address of a page with one session and nothing else of the product, which loads a fraction of
 * what the product does.
 *
 * @param pathname of this page; its application is where the window leads back to
 * @param folder of the plugin
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
