import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import { isSubscribed, PLATFORM, type Application } from '../store/applications';
import { answers, type Call, type Outcome, type Platform, type Route } from '../rest/call';
import { pageOf } from '../rest/collection-query';
import type { Subscriptions } from '@remote-access/contracts/platform';
import { categoryMap } from './options';

const READ = ['ROLE_APPLICATION_MANAGEMENT_READ'];

/** The applications that a tenant is subscribed to, and their manifests. */
export const applicationRoutes: readonly Route[] = [
  { method: 'GET', path: '/application/applications', documentedRoles: READ, handle: list },
  { method: 'GET', path: '/application/applications/:contextPath/manifest', handle: manifest },
  { method: 'GET', path: '/application/applications/:id', handle: get },
  {
    method: 'GET',
    path: '/application/applicationsByName/:name',
    documentedRoles: READ,
    handle: byName,
  },
  { method: 'GET', path: '/application/applicationsByUser/:user', handle: byUser },
  {
    method: 'GET',
    path: '/application/applicationsByTenant/:tenant',
    documentedRoles: READ,
    handle: byTenant,
  },
  { method: 'GET', path: '/application/currentApplication', handle: currentApplication },
  { method: 'GET', path: '/application/currentApplication/subscriptions', handle: subscriptions },
  { method: 'GET', path: '/application/currentApplication/settings', handle: settings },
];

function list(call: Call): Outcome {
  const name = call.query.get('name');
  const type = call.query.get('type');
  return listOf(
    call,
    visible(call).filter(
      one => (name === null || one.name === name) && (type === null || one.type === type),
    ),
  );
}

function byName(call: Call): Outcome {
  const found = visible(call).filter(one => one.name === call.params['name']);
  return listOf(call, found);
}

function byUser(call: Call): Outcome {
  const { user } = call.params;
  const needed = ['ROLE_USER_MANAGEMENT_READ', ...(call.platform.strictRoles ? READ : [])];
  const maySeeOthers = needed.every(role => call.user.effectiveRoles.has(role));
  if (user !== call.user.id && !(maySeeOthers && call.tenant.accounts.get(user!))) {
    return refusals.forbidden();
  }
  return listOf(call, visible(call));
}

function byTenant(call: Call): Outcome {
  if (call.params['tenant'] !== call.tenant.name) return refusals.forbidden();
  return listOf(call, visible(call));
}

async function get(call: Call): Promise<Outcome> {
  const application = visibleById(call);
  if (application instanceof PlatformRefusal) return application;
  const manifestFile = await readManifest(call.platform, application);
  return answers.ok({ ...presentApplication(call, application), manifest: manifestFile ?? {} });
}

async function manifest(call: Call): Promise<Outcome> {
  const contextPath = call.params['contextPath']!;
  const [path = '', version] = contextPath.split('@');
  const application = call.platform.store.applications.byContextPath(call.tenant.name, path);
  if (!application) return notFound(contextPath);
  const manifestFile = await readManifest(call.platform, application, version);
  return answers.ok({
    application: {
      ...manifestFile,
      id: application.id,
      name: application.name,
      key: application.key,
      contextPath: path,
      type: application.type,
    },
  });
}

function currentApplication(call: Call): Outcome {
  const application = applicationOf(call);
  return application ? answers.ok(presentApplication(call, application)) : refusals.forbidden();
}

/** The service users of all subscribed tenants with their passwords, for the bootstrap user only. */
function subscriptions(call: Call): Outcome {
  const application = applicationOf(call);
  const account = call.tenant.accounts.get(call.user.id);
  if (!application || account?.kind !== 'bootstrap') return refusals.forbidden();
  const subscribed = call.platform.store
    .listTenants()
    .filter(({ name }) => isSubscribed(application, name));
  const users = subscribed.flatMap(tenant =>
    tenant.accounts
      .list()
      .filter(one => one.kind === 'service' && one.application === application.name && one.enabled)
      .map(one => ({ tenant: tenant.name, name: one.id, password: one.password })),
  );
  return answers.ok({ users } satisfies Subscriptions);
}

function settings(call: Call): Outcome {
  const category = applicationOf(call)?.settingsCategory;
  return category === undefined ? refusals.forbidden() : answers.ok(categoryMap(call, category));
}

/** The application that a bootstrap or service user belongs to. */
function applicationOf(call: Call): Application | undefined {
  const account = call.tenant.accounts.get(call.user.id);
  return call.platform.store.applications
    .list()
    .find(
      one =>
        one.name === account?.application &&
        (one.owner === call.tenant.name ||
          (account.kind === 'service' && isSubscribed(one, call.tenant.name))),
    );
}

function visible(call: Call): Application[] {
  return call.platform.store.applications.visibleTo(call.tenant.name);
}

/** The application with the id in the path, if the tenant owns it or is subscribed to it. */
export function visibleById(call: Call): Application | PlatformRefusal {
  const id = call.params['id']!;
  const found = call.platform.store.applications.get(id);
  const { name } = call.tenant;
  return found && (found.owner === name || isSubscribed(found, name)) ? found : notFound(id);
}

function listOf(call: Call, applications: readonly Application[]): Outcome {
  const page = pageOf(applications, call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({
    applications: page.items.map(one => presentApplication(call, one)),
    ...page.frame,
  });
}

/** An application as the API returns it. */
export function presentApplication(call: Call, application: Application) {
  const { id, key, name, contextPath, type, availability, config, settingsCategory } = application;
  const { owner, manifest: uploaded, activeVersionId, versions } = application;
  const isPlatforms = owner === PLATFORM && application.type === 'HOSTED';
  return {
    id,
    key,
    name,
    contextPath,
    type,
    availability,
    ...(config && { config }),
    ...(settingsCategory && { settingsCategory }),
    ...(uploaded && { manifest: uploaded }),
    ...(activeVersionId && { activeVersionId }),
    ...(isPlatforms && { activeVersionId: '1', resourcesUrl: '/' }),
    ...(versions && { applicationVersions: versions }),
    owner: { tenant: { id: owner } },
    self: `${call.origin}/application/applications/${application.id}`,
  };
}

/** The manifest from the files of an application; `undefined` while it has none. */
async function readManifest(
  platform: Platform,
  application: Application,
  version?: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const folder = platform.appFolder(application.contextPath, version);
  if (folder === undefined) return application.manifest;
  try {
    const text = await readFile(join(folder, 'cumulocity.json'), 'utf8');
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return application.manifest;
    throw cause;
  }
}

function notFound(id: string): PlatformRefusal {
  return refusals.notFound('application', `Application '${id}' not found`);
}
