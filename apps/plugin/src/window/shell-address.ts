/** What the platform accepts as the context path of an application. */
const CONTEXT_PATH = /^[a-zA-Z0-9][\w.-]*$/;

/** The application that has the plugin in most tenants. */
const USUAL = 'devicemanagement';

/**
 * The same page in the application that opened this window, which asks for a sign-in where there is
 * none, and has the rest of the product.
 *
 * @param context of the application, from the address of this page and so not to be trusted
 * @param path of the page, with its query
 */
export function shellAddress(context: string | null, path: string): string {
  const application = context !== null && CONTEXT_PATH.test(context) ? context : USUAL;
  return `/apps/${application}/index.html#${path}`;
}
