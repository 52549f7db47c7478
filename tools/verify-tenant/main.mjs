import '../node-version.mjs';
import { CliError, parseArguments, reportAndFail } from '../cli-error.mjs';
import { readCredentials, readTenantUrl } from './credentials.mjs';
import { AUDIT_WRITE_CHECKS, DEVICE_WRITE_CHECKS } from './device-write-checks.mjs';
import { INGRESS_CHECKS, INSIDE_CHECKS } from './ingress-checks.mjs';
import { INVENTORY_CHECKS } from './inventory-checks.mjs';
import { OPTION_WRITE_CHECKS } from './option-write-checks.mjs';
import { REALTIME_CHECKS } from './realtime-checks.mjs';
import { Redaction } from './redaction.mjs';
import { listOf, reportOf } from './report.mjs';
import { PEOPLE_CHECKS, SIGN_IN_CHECKS } from './sign-in-checks.mjs';
import { Tenant } from './tenant.mjs';
import { TestObjects } from './test-objects.mjs';
import { notChecked } from './verdict.mjs';

/** @typedef {import('./report.mjs').Result} Result */

const USAGE = `npm run verify-tenant -- --url https://tenant.example.com [--sign-in cookie] [--write]

Compares a Cumulocity tenant with what Cloud Remote Access assumes about the platform, and prints
a report without secrets and names. Exits with 1 if anything differs.

  --url URL         the tenant; plain HTTP only on this machine
  --sign-in KIND    basic (the default) or cookie (OAI-Secure), for tenants without Basic
  --write           also creates a device, its operations, audit records and tenant options of the
                    category "verifytenant"; all but the audit records are deleted in the end
  --session ID/ID   also opens a session with this endpoint of this gateway (ids of the device and of
                    the endpoint), and keeps it open
  --hold SECONDS    for how long; 300 by default
  --list            prints what is assumed, as a table, and contacts nothing
  --help            this text

The credentials are read from C8Y_TENANT, C8Y_USER and C8Y_PASSWORD, or asked. The user needs READ
for inventory, device control, audits, options and users, and with --write also ADMIN.`;

/** @type {Readonly<Record<string, import('./verdict.mjs').Check[]>>} */
const READING = {
  'Sign-in': SIGN_IN_CHECKS,
  Ingress: INGRESS_CHECKS,
  Inventory: INVENTORY_CHECKS,
  'Real time': REALTIME_CHECKS,
  'Users and tenant': PEOPLE_CHECKS,
  'Inside the platform': INSIDE_CHECKS,
};

/** @type {Readonly<Record<string, import('./verdict.mjs').WriteCheck[]>>} */
const WRITING = {
  'Written: device and operations': DEVICE_WRITE_CHECKS,
  'Written: audit records': AUDIT_WRITE_CHECKS,
  'Written: options': OPTION_WRITE_CHECKS,
};

/** Set by Ctrl+C: everything that was created is deleted before the process ends. */
let isStopped = false;

async function main() {
  const { url, signIn, write, session } = readArguments();
  const redaction = new Redaction();
  const credentials = await readCredentials(process.env);
  const tenant = new Tenant(url, credentials, redaction);
  tenant.session = session;
  redaction.hideName('host', url.host);
  redaction.hideName('host', url.hostname);
  redaction.hideName('tenant', credentials.tenant);
  redaction.hideName('user', credentials.user);
  await requireSignIn(tenant, signIn);
  process.once('SIGINT', () => (isStopped = true));

  const results = await runAll(READING, check => check.look(tenant));
  /** @type {string[]} */
  let left = [];
  const print = () => {
    const report = reportOf(results, { signIn, write, isHttps: url.protocol === 'https:', left });
    console.log(redaction.apply(report));
  };
  if (write && !isStopped) {
    const own = await TestObjects.create(tenant).catch(error => {
      print();
      throw error;
    });
    try {
      results.push(...(await runAll(WRITING, check => check.look(tenant, own))));
    } finally {
      left = await own.remove(tenant);
    }
  }
  print();
  if (results.some(({ finding }) => finding.verdict === 'differs')) process.exitCode = 1;
}

/**
 * @template {{ name: string, source: string, expected: string }} AnyCheck
 * @param {Readonly<Record<string, AnyCheck[]>>} groups
 * @param {(check: AnyCheck) => Promise<import('./verdict.mjs').Finding>} look
 */
async function runAll(groups, look) {
  /** @type {Result[]} */
  const results = [];
  for (const [group, checks] of Object.entries(groups)) {
    for (const check of checks) {
      if (isStopped) return results;
      process.stderr.write(`${group}: ${check.name}\n`);
      const finding = await look(check).catch(error => notChecked(failureOf(error)));
      results.push({ group, check, finding });
    }
  }
  return results;
}

/** @param {unknown} error */
function failureOf(error) {
  return `no answer: ${error instanceof Error ? error.message : String(error)}`;
}

/**
 * @param {Tenant} tenant
 * @param {'basic' | 'cookie'} signIn
 * @throws {CliError} if the tenant does not accept the credentials; later checks would be
 *   meaningless
 */
async function requireSignIn(tenant, signIn) {
  tenant.signIn = signIn;
  try {
    if (signIn === 'cookie') await tenant.signInByCookie();
    const { status } = await tenant.call('GET', '/user/currentUser');
    if (status !== 401) return;
  } catch (error) {
    throw new CliError(`${tenant.url.origin} cannot be reached: ${failureOf(error)}`);
  }
  throw new CliError(
    `The tenant does not accept the credentials (${signIn} sign-in). ` +
      `Check tenant, user and password, or try --sign-in ${signIn === 'basic' ? 'cookie' : 'basic'}.`,
  );
}

/**
 * @returns {{ url: URL, signIn: 'basic' | 'cookie', write: boolean, session: Tenant['session'] }}
 * @throws {CliError} for invalid arguments, with the usage
 */
function readArguments() {
  const { values } = parseArguments(USAGE, {
    options: {
      url: { type: 'string' },
      'sign-in': { type: 'string', default: 'basic' },
      write: { type: 'boolean', default: false },
      session: { type: 'string' },
      hold: { type: 'string', default: '300' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { help, list, url: address, 'sign-in': signIn, write, session, hold } = values;
  if (help || list) {
    console.log(help ? USAGE : listOf({ ...READING, ...WRITING }));
    process.exit();
  }
  if (signIn !== 'basic' && signIn !== 'cookie') {
    throw new CliError(`--sign-in must be basic or cookie.\n\n${USAGE}`);
  }
  const url = readTenantUrl(address, USAGE);
  return { url, signIn, write, session: sessionOf(session, hold) };
}

/**
 * @param {string | undefined} ids
 * @param {string} hold
 * @throws {CliError}
 */
function sessionOf(ids, hold) {
  if (ids === undefined) return undefined;
  const [, device, endpoint] = /^(\w+)\/(\w+)$/.exec(ids) ?? [];
  if (!device || !endpoint) throw new CliError(`--session must be like 1001/1.\n\n${USAGE}`);
  if (!/^[1-9]\d{0,4}$/.test(hold)) throw new CliError(`--hold must be seconds.\n\n${USAGE}`);
  const path = `/service/remoteaccess/client/${device}/configurations/${endpoint}`;
  return { path, seconds: Number(hold) };
}

main().catch(reportAndFail);
