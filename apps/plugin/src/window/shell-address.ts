/** What the platform accepts as the context path of an application. */
const CONTEXT_PATH = /^[a-zA-Z0-9][\w.-]*$/;

/** The application that contains the plugin in most tenants. */
const USUAL = 'devicemanagement';

/**
 * The same page in the application that opened this window, which asks for a sign-in if there is
 * none and contains the rest of the product.
 *
 * @param context the application's context path, from the address of this page and therefore
 *   untrusted
 * @param path the page's path, with its query
 */
export function shellAddress(context: string | null, path: string): string {
  const application = context !== null && CONTEXT_PATH.test(context) ? context : USUAL;
  return `/apps/${application}/index.html#${path}`;
}
