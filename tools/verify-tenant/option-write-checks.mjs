import { agrees, describe, judge, notAllowed } from './verdict.mjs';
import { OPTION_CATEGORY } from './test-objects.mjs';

const OPENAPI = 'OpenAPI of the platform';

/**
 * Options can hold 256 characters everywhere; it is worth knowing what a tenant accepts beyond
 * that.
 */
const LENGTHS = [256, 257, 1024, 4096, 32_768];

/** @type {import('./verdict.mjs').WriteCheck[]} */
export const OPTION_WRITE_CHECKS = [
  {
    name: 'option-that-exists',
    source: 'documentation of Analytics Builder: POST sets or changes options',
    expected: 'POST of an option that exists overwrites it',
    async look(tenant, own) {
      const first = await post(tenant, own, 'twice', 'first');
      const second = await post(tenant, own, 'twice', 'second');
      const { json } = await tenant.call('GET', pathOf('twice'));
      return (
        notAllowed(first) ??
        judge(
          first.status < 300 && second.status < 300 && json?.value === 'second',
          `${first.status}, then ${describe(second)}, value ${json?.value}`,
        )
      );
    },
  },
  {
    name: 'options-by-category',
    source: OPENAPI,
    expected: 'PUT of a category sets several options and keeps the others',
    async look(tenant, own) {
      const kept = await post(tenant, own, 'kept', 'yes');
      for (const key of ['a.b-c', 'd']) own.remember(pathOf(key));
      const body = { 'a.b-c': '1', d: '2' };
      const answer = await tenant.call('PUT', `/tenant/options/${OPTION_CATEGORY}`, { body });
      const { json } = await tenant.call('GET', `/tenant/options/${OPTION_CATEGORY}`);
      return (
        notAllowed(kept) ??
        judge(
          json?.['a.b-c'] === '1' && json.d === '2' && json.kept === 'yes',
          `${answer.status}, ${Object.keys(json ?? {}).length} options`,
        )
      );
    },
  },
  {
    name: 'length-of-an-option',
    source: 'reference guide, HTTP usage: a public key in PEM, which is longer, is an option',
    expected: 'a value of 256 characters is stored',
    async look(tenant, own) {
      const seen = [];
      for (const length of LENGTHS) {
        const answer = await post(tenant, own, `length-${length}`, 'x'.repeat(length));
        const refused = notAllowed(answer);
        if (refused) return refused;
        const { json } = await tenant.call('GET', pathOf(`length-${length}`));
        seen.push({ length, status: answer.status, isWhole: json?.value?.length === length });
      }
      return judge(
        seen[0]?.isWhole === true,
        seen
          .map(
            ({ length, status, isWhole }) => `${length}: ${status}${isWhole ? '' : ' not stored'}`,
          )
          .join(', '),
      );
    },
  },
  {
    name: 'encrypted-option',
    source: OPENAPI,
    expected: 'an option credentials.* is shown as <<Encrypted>>',
    async look(tenant, own) {
      const secret = 'a value that nobody needs';
      const answer = await post(tenant, own, 'credentials.test', secret);
      const { json } = await tenant.call('GET', pathOf('credentials.test'));
      return (
        notAllowed(answer) ??
        judge(json?.value === '<<Encrypted>>', json?.value === secret ? 'readable' : 'hidden')
      );
    },
  },
  {
    name: 'removal-of-an-option',
    source: OPENAPI,
    expected: 'DELETE removes an option; then it gets 404',
    async look(tenant, own) {
      const created = await post(tenant, own, 'removed', 'yes');
      const refused = notAllowed(created);
      if (refused) return refused;
      const deleted = await tenant.call('DELETE', pathOf('removed'));
      const after = await tenant.call('GET', pathOf('removed'));
      const seen = `${deleted.status}, then ${after.status}`;
      return deleted.status < 300 && after.status === 404 ? agrees(seen) : judge(false, seen);
    },
  },
];

/** @param {string} key */
function pathOf(key) {
  return `/tenant/options/${OPTION_CATEGORY}/${key}`;
}

/**
 * @param {import('./tenant.mjs').Tenant} tenant
 * @param {import('./test-objects.mjs').TestObjects} own
 * @param {string} key
 * @param {string} value
 */
function post(tenant, own, key, value) {
  own.remember(pathOf(key));
  return tenant.call('POST', '/tenant/options', {
    body: { category: OPTION_CATEGORY, key, value },
  });
}
