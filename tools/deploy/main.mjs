import '../node-version.mjs';
import { CliError, parseArguments, reportAndFail } from '../cli-error.mjs';
import { ask, readTenantUrl } from '../verify-tenant/credentials.mjs';
import { packedFiles, readPlugin, readService, withContextPath } from './archives.mjs';
import { withLock } from './deployment-lock.mjs';
import { ensureKeyMaterial } from './key-material.mjs';
import { deployService, removeApplication } from './microservice.mjs';
import { migrationReport } from './migration.mjs';
import { Platform } from './platform.mjs';
import { deployPlugin, removePlugin } from './plugin.mjs';
import { step } from './progress.mjs';
import { applicationsAt, checkContextPath, checkHosting, checkRights } from './tenant-checks.mjs';

const USAGE = `npm run deploy -- --url https://tenant.example.com --user t12345/name [options]

Uploads the microservice and the plugin made by npm run pack to a Cumulocity tenant and subscribes
it, or upgrades what is installed. Can be repeated.

  --url URL             the tenant; plain HTTP only on this machine
  --user USER           C8Y_USER by default. The password is read from C8Y_PASSWORD, or asked for;
                        if C8Y_TOKEN has a token, neither is needed
  --service FILE        archive of the microservice, instead of the one in dist
  --plugin FILE         archive of the plugin, instead of the one in dist
  --previous FILE       archive of the microservice to go back to if the new one does not become healthy
  --timeout SECONDS     how long the microservice may take to become healthy, default 300
  --context-path PATH   for agents that are configured for another path than remoteaccess
  --hide-vendor-tab     hides the vendor's own tab in Device Management
  --check               only checks whether deploying would work
  --migrate             lists the endpoints that the vendor's service leaves, and the secrets to enter again
  --remove              removes the plugin and the microservice; endpoints and settings stay
  --help                this text`;

async function main() {
  const options = readArguments();
  const platform = new Platform(options.url, await authorizationOf(options));
  // A second signal ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => platform.interrupt());
  try {
    if (options.migrate) console.log(await migrationReport(platform));
    else if (options.remove) await remove(platform, options.contextPath);
    else await deploy(platform, options);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(`${error.message}\n${changesOf(platform)}`);
  }
}

/** @param {Platform} platform */
function changesOf({ changes }) {
  return changes.length === 0
    ? 'Nothing in the tenant has been changed.'
    : `Changed in the tenant: ${changes.join('; ')}.`;
}

/** @typedef {ReturnType<typeof readArguments>} Options */

/**
 * @param {Platform} platform
 * @param {Options} options
 */
async function deploy(platform, options) {
  const archives = readArchives(options);
  const { service, plugin, previous } = archives;
  const { contextPath } = service.manifest;
  step(`Checking the tenant at ${platform.url.origin}`);
  const deployer = await checkRights(platform);
  await checkHosting(platform);
  await checkContextPath(platform, deployer.tenant, contextPath);
  if (options.check) {
    console.log(
      `${deployer.user} can deploy version ${service.manifest.version} to ${deployer.tenant}.`,
    );
    return;
  }
  await withLock(platform, deployer.user, async () => {
    const existing = await checkContextPath(platform, deployer.tenant, contextPath);
    if (existing) announceUpgrade(existing, previous);
    await ensureKeyMaterial(platform);
    const { timeoutMs } = options;
    await deployService(platform, deployer, { service, previous, existing, timeoutMs });
    await deployPlugin(platform, deployer.tenant, plugin, options);
  });
  console.log(nextSteps(platform.url, service.manifest.version, contextPath));
}

/** @param {Options} options */
function readArchives(options) {
  const files = packedFiles(options);
  const service = readService(files.service);
  const plugin = readPlugin(files.plugin);
  const previous = options.previous === undefined ? undefined : readService(options.previous);
  if (service.manifest.version !== plugin.manifest.version) {
    throw new CliError(
      `The microservice has version ${service.manifest.version} and the plugin ${plugin.manifest.version}. ` +
        'Deploy two archives of the same version.',
    );
  }
  if (options.contextPath === service.manifest.contextPath) return { service, plugin, previous };
  return {
    ...withContextPath(service, plugin, options.contextPath),
    previous: previous && withContextPath(previous, plugin, options.contextPath).service,
  };
}

/**
 * @param {any} existing
 * @param {import('./archives.mjs').Archive | undefined} previous
 */
function announceUpgrade({ name, manifest }, previous) {
  const version = manifest?.version ? ` version ${manifest.version}` : '';
  step(`Replacing${version} of ${name}; running sessions end`);
  if (!previous) {
    step(
      'There is no automatic way back if the new version does not become healthy: the platform keeps no ' +
        'old image. To have one, pass the archive of the running version as --previous',
    );
  }
}

/**
 * @param {Platform} platform
 * @param {string} contextPath
 */
async function remove(platform, contextPath) {
  const deployer = await checkRights(platform);
  await withLock(platform, deployer.user, async () => {
    await removePlugin(platform, deployer.tenant, 'remote-access-plugin');
    const { own } = await applicationsAt(platform, deployer.tenant, contextPath);
    if (own) {
      step('Removing the microservice; running sessions end');
      await removeApplication(platform, own);
    }
  });
  console.log(`
Removed. These stay, so that a new installation finds them:
  endpoints       c8y_RemoteAccessList of the gateways
  settings        the tenant options of the category remoteaccess
  key material    credentials.remoteaccess.encryption.password and ….salt there: without these, stored
                  passwords and keys are lost
docs/uninstall.md says how to delete them.`);
}

/**
 * @param {URL} url
 * @param {string} version
 * @param {string} contextPath
 */
function nextSteps(url, version, contextPath) {
  return `
Version ${version} is deployed and healthy at ${url.origin}/service/${contextPath}.

Next:
  1. Give roles: ROLE_REMOTE_ACCESS_READ to connect, ROLE_REMOTE_ACCESS_ADMIN to configure endpoints,
     both with ROLE_DEVICE_CONTROL_ADMIN; ROLE_OPTION_MANAGEMENT_ADMIN for the settings.
     Nobody has the first two by default.
  2. Back up the key material: docs/key-material.md
  3. Open ${url.origin}/apps/devicemanagement/ → a gateway → Remote access, and add an endpoint:
     docs/first-endpoint.md`;
}

/** @param {Options} options */
async function authorizationOf({ user }) {
  const token = process.env['C8Y_TOKEN'];
  if (token) return `Bearer ${token}`;
  const name = user ?? process.env['C8Y_USER'] ?? (await ask('User', 'C8Y_USER'));
  const password = process.env['C8Y_PASSWORD'] || (await ask('Password', 'C8Y_PASSWORD', true));
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

function readArguments() {
  const {
    help,
    url: address,
    timeout,
    ...values
  } = parseArguments(USAGE, {
    options: {
      url: { type: 'string' },
      user: { type: 'string' },
      service: { type: 'string' },
      plugin: { type: 'string' },
      previous: { type: 'string' },
      timeout: { type: 'string', default: '300' },
      'context-path': { type: 'string', default: 'remoteaccess' },
      'hide-vendor-tab': { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      migrate: { type: 'boolean', default: false },
      remove: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
  if (help) {
    console.log(USAGE);
    process.exit();
  }
  const url = readTenantUrl(address, USAGE);
  const seconds = Number(timeout);
  if (!(seconds >= 1 && seconds <= 3600)) throw new CliError('--timeout is 1 to 3600 seconds.');
  const contextPath = values['context-path'];
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(contextPath)) {
    throw new CliError('--context-path is letters, digits, "_", "." and "-".');
  }
  const hideVendorTab = values['hide-vendor-tab'];
  return { ...values, url, contextPath, hideVendorTab, timeoutMs: 1000 * seconds };
}

main().catch(reportAndFail);
