/** @typedef {import('./tenant.mjs').Tenant} Tenant */
/** @typedef {import('./tenant.mjs').Answer} Answer */
/** @typedef {import('./test-objects.mjs').TestObjects} TestObjects */

/**
 * What a check found.
 *
 * @typedef {object} Finding
 * @property {'agrees' | 'differs' | 'not checked'} verdict
 * @property {string} seen on this tenant, or why nothing could be seen
 */

/**
 * One assumption about the platform.
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {string} source where the assumption comes from; "not verified" without a public source
 * @property {string} expected
 * @property {(tenant: Tenant) => Promise<Finding>} look
 */

/**
 * A check that creates its own objects on the tenant.
 *
 * @typedef {Omit<Check, 'look'> & { look: (tenant: Tenant, own: TestObjects) => Promise<Finding> }}
 *   WriteCheck
 */

/** @type {(seen: string) => Finding} */
export const agrees = seen => ({ verdict: 'agrees', seen });

/** @type {(why: string) => Finding} */
export const notChecked = why => ({ verdict: 'not checked', seen: why });

/** @type {(asExpected: boolean, seen: string) => Finding} */
export const judge = (asExpected, seen) => ({ verdict: asExpected ? 'agrees' : 'differs', seen });

/**
 * Why a request reveals nothing about the assumption: the user may not make it, or it does not
 * exist here.
 *
 * @param {Answer} answer
 * @returns {Finding | undefined}
 */
export function notAllowed({ status }) {
  switch (status) {
    case 403:
      return notChecked('this user lacks the role for the call (403)');
    case 501:
      return notChecked('this platform does not offer the call (501)');
    default:
      return undefined;
  }
}

/**
 * Whether a response comes from the microservice itself rather than from the platform in front of
 * it.
 *
 * @param {Answer} answer
 */
export function isOfService({ status, json }) {
  return status === 101 || String(json?.error).startsWith('remoteaccess/');
}

/** @param {Answer} answer */
export function describe(answer) {
  const { status, json } = answer;
  if (status === 101) return '101, a WebSocket';
  const error = json?.error ? ` ${json.error}` : '';
  return `${status}${error} from the ${isOfService(answer) ? 'microservice' : 'platform'}`;
}
