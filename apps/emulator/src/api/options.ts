import type { IncomingMessage } from 'node:http';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { StoredOption } from '../store/tenant';
import { answers, type Call, type Outcome, type Platform, type Route } from '../rest/call';
import { pageOf } from '../rest/collection-query';

const READ = ['ROLE_OPTION_MANAGEMENT_READ'];
const CHANGE = ['ROLE_OPTION_MANAGEMENT_ADMIN'];

/** Shown instead of an encrypted value to everyone but the owning microservice. */
export const ENCRYPTED = '<<Encrypted>>';

/** Some platforms allow more. */
const MAX_VALUE_LENGTH = 256;

const SECRET_PREFIX = 'credentials.';

/** Tenant options: settings by category and key. */
export const optionRoutes: readonly Route[] = [
  { method: 'GET', path: '/tenant/options', roles: READ, handle: list },
  { method: 'POST', path: '/tenant/options', roles: CHANGE, handle: create },
  { method: 'GET', path: '/tenant/options/:category', roles: READ, handle: getCategory },
  { method: 'PUT', path: '/tenant/options/:category', roles: CHANGE, handle: putCategory },
  { method: 'GET', path: '/tenant/options/:category/:key', handle: get },
  { method: 'PUT', path: '/tenant/options/:category/:key', roles: CHANGE, handle: put },
  { method: 'DELETE', path: '/tenant/options/:category/:key', roles: CHANGE, handle: remove },
];

function list(call: Call): Outcome {
  const page = pageOf(call.tenant.options.list(), call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({ options: page.items.map(option => present(call, option)), ...page.frame });
}

function create(call: Call): Outcome {
  const { category, key, value } = call.body;
  if (typeof category !== 'string' || typeof key !== 'string' || !category || !key) {
    return refusals.invalid('options', 'category and key are mandatory and must be strings');
  }
  const problem = valueProblem(value);
  if (problem) return problem;
  const option = store(call, category, key, value as string);
  const self = `${call.origin}/tenant/options/${category}/${key}`;
  return answers.created(present(call, option), self);
}

function getCategory(call: Call): Outcome {
  return answers.ok(categoryMap(call, call.params['category']!));
}

function putCategory(call: Call): Outcome {
  const category = call.params['category']!;
  const entries = Object.entries(call.body);
  for (const [, value] of entries) {
    const problem = valueProblem(value);
    if (problem) return problem;
  }
  for (const [key, value] of entries) store(call, category, key, value as string);
  return answers.ok(categoryMap(call, category));
}

function get(call: Call): Outcome {
  const { category, key } = call.params;
  // The user interface reads this category for every user.
  const isPublic = category === 'configuration';
  if (!isPublic && !READ.some(role => call.user.effectiveRoles.has(role))) {
    return refusals.forbidden();
  }
  const option = call.tenant.options.get(`${category}/${key}`);
  return option ? answers.ok(present(call, option)) : notFound(call);
}

function put(call: Call): Outcome {
  const { category, key } = call.params;
  const { value } = call.body;
  const problem = valueProblem(value);
  if (problem) return problem;
  return answers.ok(present(call, store(call, category!, key!, value as string)));
}

function valueProblem(value: unknown): PlatformRefusal | undefined {
  if (typeof value !== 'string') return refusals.invalid('options', 'value must be a string');
  return value.length > MAX_VALUE_LENGTH
    ? refusals.invalid('options', `value must not be longer than ${MAX_VALUE_LENGTH} characters`)
    : undefined;
}

function remove(call: Call): Outcome {
  const { category, key } = call.params;
  return call.tenant.options.delete(`${category}/${key}`) ? answers.noContent() : notFound(call);
}

function store(call: Call, category: string, key: string, value: string): StoredOption {
  const id = `${category}/${key}`;
  const before = call.tenant.options.get(id);
  // Saving a form that contains the mask must not overwrite the secret.
  if (before && isSecret(key) && value === ENCRYPTED) return before;
  return call.tenant.options.put({ id, category, key, value });
}

/** The options of a category; secrets that the caller may not read are masked. */
export function categoryMap(call: Call, category: string): Record<string, string> {
  return Object.fromEntries(
    call.tenant.options
      .list()
      .filter(option => option.category === category)
      .map(option => [option.key, visibleValue(call, option)]),
  );
}

/**
 * The headers that the ingress adds to each request for a hosted microservice: the encrypted
 * options of the caller's tenant in the microservice's category, named without the prefix
 * `credentials.`.
 */
export function optionHeaders(
  { authentication, store }: Platform,
  request: IncomingMessage,
): Record<string, string> {
  const caller = authentication.authenticate(request);
  if (caller instanceof PlatformRefusal) return {};
  const category = store.applications
    .visibleTo(caller.tenant)
    .find(one => one.settingsCategory !== undefined)?.settingsCategory;
  const secrets = store
    .tenant(caller.tenant)!
    .options.list()
    .filter(option => option.category === category && isSecret(option.key));
  return Object.fromEntries(
    secrets.map(({ key, value }) => [key.slice(SECRET_PREFIX.length), value]),
  );
}

function present(call: Call, option: StoredOption) {
  const { category, key } = option;
  return {
    category,
    key,
    value: visibleValue(call, option),
    self: `${call.origin}/tenant/options/${category}/${key}`,
  };
}

function visibleValue(call: Call, { category, key, value }: StoredOption): string {
  return !isSecret(key) || ownsCategory(call, category) ? value : ENCRYPTED;
}

function isSecret(key: string): boolean {
  return key.startsWith(SECRET_PREFIX);
}

function ownsCategory(call: Call, category: string): boolean {
  const account = call.tenant.accounts.get(call.user.id);
  if (account?.kind !== 'service') return false;
  return call.platform.store.applications
    .visibleTo(call.tenant.name)
    .some(one => one.name === account.application && one.settingsCategory === category);
}

function notFound(call: Call): PlatformRefusal {
  const { category, key } = call.params;
  return refusals.notFound('options', `Unable to find option by given key (${category}, ${key})`);
}
