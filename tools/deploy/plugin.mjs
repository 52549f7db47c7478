import { CliError } from '../cli-error.mjs';
import { ownClones, rememberClones } from './deployment-lock.mjs';
import { reasonOf } from './platform.mjs';
import { step, uploadProgress } from './progress.mjs';
import { applicationsAt } from './tenant-checks.mjs';

/**
 * @typedef {import('./platform.mjs').Platform} Platform
 * @typedef {import('./archives.mjs').Archive} Archive
 */

/** The application that has the vendor's tab and its sessions, and its modules for them. */
const VENDORS_APPLICATION = 'devicemanagement';
const VENDORS_MODULES = [
  'remoteAccessConfigurationListProviders',
  'remoteAccessVNCProviders',
  'remoteAccessSSHProviders',
  'remoteAccessTelnetProviders',
  'remoteAccessPassthroughProviders',
];

/**
 * Uploads the plugin and installs it into Device Management and Administration.
 *
 * @param {Platform} platform
 * @param {string} tenant
 * @param {Archive} archive
 * @param {{ hideVendorTab: boolean }} options
 */
export async function deployPlugin(platform, tenant, archive, { hideVendorTab }) {
  const { contextPath, version, exports } = archive.manifest;
  const { own } = await applicationsAt(platform, tenant, contextPath);
  const application = own ?? (await createPackage(platform, archive.manifest));
  await uploadVersion(platform, application, archive);
  /** @type {Map<string, string[]>} */
  const modules = new Map();
  for (const { scope, module } of exports) {
    modules.set(scope, [...(modules.get(scope) ?? []), module]);
  }
  for (const [shellPath, wanted] of modules) {
    step(`Installing the plugin into ${shellPath}`);
    const shell = await ownShell(platform, tenant, shellPath);
    const { remotes = {}, excludedRemotes = {}, ...config } = shell.config ?? {};
    const hides = hideVendorTab && shellPath === VENDORS_APPLICATION;
    await platform.require(`Installing the plugin into ${shellPath}`, 'PUT', addressOf(shell), {
      config: {
        ...config,
        remotes: { ...without(remotes, contextPath), [`${contextPath}@${version}`]: wanted },
        excludedRemotes: hides ? excluding(excludedRemotes, VENDORS_MODULES) : excludedRemotes,
      },
    });
    platform.changes.push(`the plugin was installed into ${shellPath}`);
  }
}

/**
 * Removes the plugin from the shells and deletes it.
 *
 * @param {Platform} platform
 * @param {string} tenant
 * @param {string} contextPath
 */
export async function removePlugin(platform, tenant, contextPath) {
  const clones = await ownClones(platform);
  const path = `/application/applicationsByTenant/${encodeURIComponent(tenant)}?dropOverwrittenApps=false`;
  const all = await platform.list('Reading the applications', path, 'applications');
  for (const shell of all.filter(one => one.owner?.tenant?.id === tenant)) {
    const remotes = shell.config?.remotes ?? {};
    const rest = without(remotes, contextPath);
    if (Object.keys(rest).length === Object.keys(remotes).length) continue;
    if (clones.includes(shell.id) && Object.keys(rest).length === 0) {
      step(`Removing the copy of ${shell.name} that loaded the plugin`);
      await platform.require('Removing the copy', 'DELETE', `${addressOf(shell)}?force=true`);
      continue;
    }
    step(`Uninstalling the plugin from ${shell.name}`);
    const { excludedRemotes = {} } = shell.config;
    const config = {
      ...shell.config,
      remotes: rest,
      excludedRemotes: excluding(excludedRemotes, []),
    };
    await platform.require('Taking the plugin out', 'PUT', addressOf(shell), { config });
  }
  await rememberClones(platform, []);
  const { own } = await applicationsAt(platform, tenant, contextPath);
  if (!own) return;
  step('Removing the plugin');
  await platform.require('Removing the plugin', 'DELETE', `${addressOf(own)}?force=true`);
}

/**
 * @param {Platform} platform
 * @param {any} manifest
 */
async function createPackage(platform, { name, contextPath, key }) {
  step('Creating the package of the plugin');
  const created = await platform.require(
    'Creating the package of the plugin',
    'POST',
    '/application/applications',
    { name, key, contextPath, type: 'HOSTED', manifest: { isPackage: true, package: 'plugin' } },
  );
  platform.changes.push('the package of the plugin was created');
  return created;
}

/**
 * @param {Platform} platform
 * @param {any} application
 * @param {Archive} archive
 */
async function uploadVersion(platform, application, { file, data, manifest }) {
  const { version } = manifest;
  const existing = (application.applicationVersions ?? []).find(
    (/** @type {{ version: string }} */ one) => one.version === version,
  );
  let binaryId = existing?.binaryId;
  if (existing) {
    step(`Version ${version} of the plugin is already uploaded`);
  } else {
    step(`Uploading version ${version} of the plugin`);
    const answer = await platform.upload(
      `${addressOf(application)}/versions`,
      { field: 'applicationBinary', name: file, data },
      { applicationVersion: { version, tags: ['latest'] } },
      uploadProgress(data.length),
    );
    if (answer.status < 200 || answer.status >= 300) {
      throw new CliError(`The tenant did not accept ${file}: ${reasonOf(answer)}`);
    }
    platform.changes.push(`version ${version} of the plugin was uploaded`);
    binaryId = answer.json?.binaryId;
  }
  await platform.require('Activating the plugin', 'PUT', addressOf(application), {
    activeVersionId: String(binaryId),
  });
}

/**
 * The tenant's own copy of one of the platform's applications. Inherited ones cannot be changed.
 *
 * @param {Platform} platform
 * @param {string} tenant
 * @param {string} contextPath
 */
async function ownShell(platform, tenant, contextPath) {
  const { own, foreign } = await applicationsAt(platform, tenant, contextPath);
  if (own) return own;
  if (!foreign) {
    throw new CliError(
      `The tenant has no application ${contextPath}. Subscribe it, and run the command again.`,
    );
  }
  step(`Copying ${foreign.name}, because the platform's own cannot be changed`);
  const clone = await platform.require(
    `Copying ${foreign.name}`,
    'POST',
    `${addressOf(foreign)}/clone`,
  );
  await rememberClones(platform, [...(await ownClones(platform)), clone.id]);
  const { name } = foreign;
  return platform.require(`Naming the copy of ${name}`, 'PUT', addressOf(clone), {
    name,
    key: `${contextPath}-${tenant}-key`,
    contextPath,
  });
}

/**
 * The modules that a shell does not load, with these as the vendor's. What the tenant has hidden
 * itself stays hidden.
 *
 * @param {Readonly<Record<string, readonly string[]>>} excluded modules by application
 * @param {readonly string[]} vendors
 */
function excluding(excluded, vendors) {
  const others = (excluded[VENDORS_APPLICATION] ?? []).filter(
    name => !VENDORS_MODULES.includes(name),
  );
  const all = { ...excluded, [VENDORS_APPLICATION]: [...others, ...vendors] };
  return Object.fromEntries(
    Object.entries(all).filter(([name, list]) => name !== VENDORS_APPLICATION || list.length > 0),
  );
}

/** @param {{ id: string }} application */
function addressOf({ id }) {
  return `/application/applications/${id}`;
}

/**
 * @param {Readonly<Record<string, unknown>>} remotes
 * @param {string} contextPath with any version
 */
function without(remotes, contextPath) {
  return Object.fromEntries(
    Object.entries(remotes).filter(([name]) => name.split('@')[0] !== contextPath),
  );
}
