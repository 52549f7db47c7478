import type { Protocol } from '@remote-access/contracts';

/** Set by webpack to the folder of remoteEntry.js, with a trailing slash. */
declare const __webpack_public_path__: string | undefined;

/** The application that contains the plugin in most tenants. */
const USUAL = 'devicemanagement';

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
  const [, app = USUAL] = APPLICATION.exec(pathname) ?? [];
  const path = ['device', deviceId, 'remote-access', id].map(encodeURIComponent).join('/');
  const query = new URLSearchParams({ window: 'own', app, protocol });
  return `${folder}session/index.html#/${path}?${query.toString()}`;
}

/** What the platform accepts as the context path of an application. */
const CONTEXT_PATH = /^[a-zA-Z0-9][\w.-]*$/;

/**
 * The way back from such a window: the same page in the application that opened it, which contains
 * the rest of the product and asks the user to sign in if necessary.
 *
 * @param context the application's context path, from the address of this page and therefore
 *   untrusted
 * @param path the page's path, with its query
 */
export function shellAddress(context: string | null, path: string): string {
  const application = context !== null && CONTEXT_PATH.test(context) ? context : USUAL;
  return `/apps/${application}/index.html#${path}`;
}
