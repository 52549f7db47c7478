import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import { PLATFORM, isSubscribed, type Application } from '../store/applications';
import { readForm } from '../uploads/multipart';
import {
  ArchiveError,
  readMicroservice,
  readWebApplication,
  type MicroserviceArchive,
} from '../uploads/uploaded-archive';
import { bootstrapUserName } from '../uploads/uploads';
import { presentApplication, visibleById } from './applications';
import { answers, type Call, type JsonObject, type Outcome, type Route } from '../rest/call';

const ADMIN = ['ROLE_APPLICATION_MANAGEMENT_ADMIN'];
const SUBSCRIBE = ['ROLE_APPLICATION_MANAGEMENT_ADMIN', 'ROLE_TENANT_MANAGEMENT_ADMIN'];

const APPLICATION = '/application/applications/:id';
const SUBSCRIPTIONS = '/tenant/tenants/:tenant/applications';

/** Creating, uploading, subscribing and removing applications. */
export const applicationChangeRoutes: readonly Route[] = [
  { method: 'POST', path: '/application/applications', roles: ADMIN, handle: create },
  { method: 'PUT', path: APPLICATION, roles: ADMIN, handle: update },
  { method: 'DELETE', path: APPLICATION, roles: ADMIN, handle: remove },
  { method: 'POST', path: `${APPLICATION}/clone`, roles: ADMIN, handle: clone },
  { method: 'POST', path: `${APPLICATION}/binaries`, roles: ADMIN, handle: uploadBinary },
  { method: 'GET', path: `${APPLICATION}/versions`, handle: listVersions },
  { method: 'POST', path: `${APPLICATION}/versions`, roles: ADMIN, handle: uploadVersion },
  { method: 'PUT', path: `${APPLICATION}/versions/:version`, roles: ADMIN, handle: tagVersion },
  { method: 'DELETE', path: `${APPLICATION}/versions`, roles: ADMIN, handle: deleteVersion },
  { method: 'GET', path: `${APPLICATION}/bootstrapUser`, roles: ADMIN, handle: bootstrapUser },
  { method: 'GET', path: `${APPLICATION}/logs/:instance`, roles: ADMIN, handle: logs },
  { method: 'POST', path: SUBSCRIPTIONS, roles: SUBSCRIBE, handle: subscribe },
  { method: 'DELETE', path: `${SUBSCRIPTIONS}/:id`, roles: SUBSCRIBE, handle: unsubscribe },
];

function create(call: Call): Outcome {
  const { name, key, type, contextPath = name } = call.body;
  for (const [field, value] of Object.entries({ name, key, contextPath })) {
    if (typeof value !== 'string' || value === '') {
      return refusals.invalid('application', `${field} is mandatory`);
    }
  }
  if (type !== 'HOSTED' && type !== 'MICROSERVICE' && type !== 'EXTERNAL') {
    return refusals.invalid('application', 'type must be HOSTED, MICROSERVICE or EXTERNAL');
  }
  const { applications } = call.platform.store;
  const taken = applications
    .visibleTo(call.tenant.name)
    .find(one => one.contextPath === contextPath || one.key === key);
  if (taken) return conflict(`An application with this context path or key exists: ${taken.name}`);
  const { config, availability, manifest } = call.body;
  const application = applications.put({
    id: applications.nextId(),
    name: String(name),
    key: String(key),
    contextPath: String(contextPath),
    type,
    availability: availability === 'SHARED' || availability === 'MARKET' ? availability : 'PRIVATE',
    owner: call.tenant.name,
    subscribers: [],
    ...(isObject(manifest) && { manifest }),
    ...(isObject(config) && { config }),
  });
  const shown = presentApplication(call, application);
  return answers.created(shown, shown.self);
}

function update(call: Call): Outcome {
  const application = own(call);
  if (application instanceof PlatformRefusal) return application;
  const { name, key, contextPath, availability, activeVersionId, config } = call.body;
  const taken =
    typeof contextPath === 'string' &&
    call.platform.store.applications
      .list()
      .some(
        one =>
          one.id !== application.id &&
          one.owner === application.owner &&
          one.contextPath === contextPath,
      );
  if (taken) return conflict(`The context path ${contextPath} is taken`);
  const changed: Application = {
    ...application,
    ...(typeof name === 'string' && { name }),
    ...(typeof key === 'string' && { key }),
    ...(typeof contextPath === 'string' && { contextPath }),
    ...((availability === 'PRIVATE' || availability === 'SHARED' || availability === 'MARKET') && {
      availability,
    }),
    ...(typeof activeVersionId === 'string' && { activeVersionId }),
    ...(isObject(config) && { config }),
  };
  return answers.ok(presentApplication(call, call.platform.store.applications.put(changed)));
}

async function remove(call: Call): Promise<Outcome> {
  const application = own(call);
  if (application instanceof PlatformRefusal) return application;
  const { store, uploads } = call.platform;
  for (const tenant of application.subscribers ?? []) removeServiceUser(call, application, tenant);
  await uploads.remove(application);
  store.applications.delete(application.id);
  const { accounts, managedObjects } = call.tenant;
  if (application.type === 'MICROSERVICE') accounts.delete(bootstrapUserName(application));
  for (const object of managedObjects.list()) {
    if (object.type === `c8y_Application_${application.id}`) managedObjects.delete(object.id);
  }
  return answers.noContent();
}

/** A copy owned by the tenant that serves the same files. */
function clone(call: Call): Outcome {
  const application = visibleById(call);
  if (application instanceof PlatformRefusal) return application;
  const { applications } = call.platform.store;
  const copy = applications.put({
    ...application,
    id: applications.nextId(),
    name: `clone${application.name}`,
    key: `clone${application.key}`,
    contextPath: `clone${application.contextPath}`,
    owner: call.tenant.name,
    availability: 'PRIVATE',
    subscribers: [],
    clonedFrom: application.clonedFrom ?? application.contextPath,
  });
  const shown = presentApplication(call, copy);
  return answers.created(shown, shown.self);
}

async function uploadBinary(call: Call): Promise<Outcome> {
  const application = own(call);
  if (application instanceof PlatformRefusal) return application;
  return received(call, async file => {
    const binaryId = call.tenant.ids.next();
    if (application.type === 'MICROSERVICE') {
      const archive = readMicroservice(file);
      const refused = await installMicroservice(call, application, archive);
      if (refused) return refused;
    } else {
      const { files } = readWebApplication(file);
      await call.platform.uploads.putFiles(application, binaryId, files);
    }
    const name = `${application.contextPath}.zip`;
    return answers.created(
      { id: binaryId, name, type: 'application/zip' },
      `${call.path}/${binaryId}`,
    );
  });
}

async function installMicroservice(
  call: Call,
  application: Application,
  archive: MicroserviceArchive,
): Promise<PlatformRefusal | undefined> {
  const { manifest } = archive;
  if (manifest.name !== application.name || manifest.contextPath !== application.contextPath) {
    return refusals.invalid(
      'application',
      `The archive is of ${manifest.name} at ${manifest.contextPath}, ` +
        `the application is ${application.name} at ${application.contextPath}`,
    );
  }
  const { store, uploads } = call.platform;
  await uploads.putImage(application, archive);
  const updated = store.applications.put({
    ...application,
    manifest: manifest.whole,
    activeVersionId: call.tenant.ids.next(),
    ...(manifest.settingsCategory && { settingsCategory: manifest.settingsCategory }),
  });
  for (const tenant of updated.subscribers ?? []) addServiceUser(call, updated, tenant);
  uploads.publishStatus(updated.id);
  return undefined;
}

function listVersions(call: Call): Outcome {
  const application = visibleById(call);
  if (application instanceof PlatformRefusal) return application;
  const version = call.query.get('version');
  const tag = call.query.get('tag');
  const found = (application.versions ?? []).filter(
    one =>
      (version === null || one.version === version) && (tag === null || one.tags.includes(tag)),
  );
  return answers.ok({ applicationVersions: found });
}

async function uploadVersion(call: Call): Promise<Outcome> {
  const application = own(call);
  if (application instanceof PlatformRefusal) return application;
  return received(call, async (file, fields) => {
    const described = parsed(fields.get('applicationVersion'));
    const { version, tags } = described;
    if (typeof version !== 'string') {
      return refusals.invalid('application', 'applicationVersion must name a version');
    }
    const { versions = [] } = application;
    if (versions.some(one => one.version === version)) {
      return conflict(`The version ${version} exists`);
    }
    const { manifest, files } = readWebApplication(file);
    if (manifest['version'] !== version) {
      return refusals.invalid('application', `cumulocity.json is of another version`);
    }
    const binaryId = call.tenant.ids.next();
    await call.platform.uploads.putFiles(application, binaryId, files);
    const added = { version, binaryId, tags: Array.isArray(tags) ? tags.map(String) : [] };
    const others = versions.map(one => ({
      ...one,
      tags: one.tags.filter(tag => !added.tags.includes(tag)),
    }));
    call.platform.store.applications.put({
      ...application,
      manifest,
      versions: [...others, added],
    });
    return answers.created(added, `${call.path}?version=${version}`);
  });
}

function tagVersion(call: Call): Outcome {
  const application = own(call);
  if (application instanceof PlatformRefusal) return application;
  const { version } = call.params;
  const { tags } = call.body;
  if (!Array.isArray(tags)) return refusals.invalid('application', 'tags must be a list');
  const found = application.versions?.find(one => one.version === version);
  if (!found) return refusals.notFound('application', `Version ${version} not found`);
  const tagged = { ...found, tags: tags.map(String) };
  const versions = application.versions!.map(one =>
    one === found ? tagged : { ...one, tags: one.tags.filter(tag => !tagged.tags.includes(tag)) },
  );
  call.platform.store.applications.put({ ...application, versions });
  return answers.ok(tagged);
}

function deleteVersion(call: Call): Outcome {
  const application = own(call);
  if (application instanceof PlatformRefusal) return application;
  const version = call.query.get('version');
  const found = application.versions?.find(one => one.version === version);
  if (!found) return refusals.notFound('application', `Version ${version} not found`);
  if (found.binaryId === application.activeVersionId) {
    return refusals.invalid('application', 'The active version cannot be deleted');
  }
  const versions = application.versions!.filter(one => one !== found);
  call.platform.store.applications.put({ ...application, versions });
  return answers.noContent();
}

function bootstrapUser(call: Call): Outcome {
  const application = own(call);
  if (application instanceof PlatformRefusal) return application;
  if (application.type !== 'MICROSERVICE') {
    return refusals.invalid('application', 'Only microservices have a bootstrap user');
  }
  const name = bootstrapUserName(application);
  const password = call.platform.uploads.bootstrapPassword(application);
  return answers.ok({ tenant: application.owner, name, password });
}

function logs(call: Call): Outcome {
  const application = own(call);
  if (application instanceof PlatformRefusal) return application;
  const stream = call.platform.uploads.logOf(application.id, call.params['instance']!);
  if (stream === undefined) return refusals.notFound('application', 'There is no such instance');
  const dateTo = call.platform.store.now().toISOString();
  return answers.ok({
    stream,
    dateFrom: call.query.get('dateFrom') ?? dateTo,
    dateTo,
    truncated: false,
  });
}

async function subscribe(call: Call): Promise<Outcome> {
  const reference = call.body['application'];
  const { id, self }: JsonObject = isObject(reference) ? reference : {};
  const wanted = typeof id === 'string' ? id : lastSegment(self);
  const { store, uploads } = call.platform;
  const application = store.applications.get(wanted ?? '');
  const tenant = call.params['tenant']!;
  if (!application || !store.tenant(tenant)) {
    return refusals.notFound('application', `Application '${wanted}' not found`);
  }
  if (!maySubscribe(call, application, tenant)) return refusals.forbidden();
  if (isSubscribed(application, tenant)) return conflict('The tenant is subscribed already');
  const { subscribers = [] } = application;
  const updated = store.applications.put({ ...application, subscribers: [...subscribers, tenant] });
  addServiceUser(call, updated, tenant);
  if (updated.type === 'MICROSERVICE') await uploads.startIfNeeded(updated);
  const self_ = `${call.origin}/tenant/tenants/${tenant}/applications/${updated.id}`;
  return answers.created({ application: presentApplication(call, updated), self: self_ }, self_);
}

function unsubscribe(call: Call): Outcome {
  const { tenant = '', id = '' } = call.params;
  const { applications } = call.platform.store;
  const application = applications.get(id);
  if (!application || !isSubscribed(application, tenant)) {
    return refusals.notFound('application', `The tenant is not subscribed to '${id}'`);
  }
  if (!maySubscribe(call, application, tenant)) return refusals.forbidden();
  const subscribers = (application.subscribers ?? []).filter(one => one !== tenant);
  applications.put({ ...application, subscribers });
  removeServiceUser(call, application, tenant);
  return answers.noContent();
}

/** A tenant may subscribe to what it owns; the platform's operator to everything. */
function maySubscribe(call: Call, application: Application, tenant: string): boolean {
  const { name } = call.tenant;
  const isOwn = application.owner === name && tenant === name;
  const isOperator =
    name === PLATFORM && call.user.effectiveRoles.has('ROLE_TENANT_MANAGEMENT_ADMIN');
  return (isOwn && call.user.effectiveRoles.has(ADMIN[0]!)) || isOperator;
}

/** The user as which a microservice acts in a subscribed tenant. */
function addServiceUser(call: Call, application: Application, tenant: string): void {
  if (application.type !== 'MICROSERVICE') return;
  const { accounts } = call.platform.store.tenant(tenant)!;
  const id = `service_${application.name}`;
  const roles = application.manifest?.['requiredRoles'];
  accounts.put({
    id,
    displayName: `Service user of ${application.name}`,
    password: accounts.get(id)?.password ?? call.platform.uploads.newPassword(),
    kind: 'service',
    enabled: true,
    roles: Array.isArray(roles) ? roles.map(String) : [],
    devicePermissions: {},
    application: application.name,
  });
}

function removeServiceUser(call: Call, application: Application, tenant: string): void {
  call.platform.store.tenant(tenant)?.accounts.delete(`service_${application.name}`);
}

/** Receives a form with an archive; if the platform refuses it, nothing is left behind. */
async function received(
  call: Call,
  use: (file: string, fields: ReadonlyMap<string, string>) => Promise<Outcome>,
): Promise<Outcome> {
  const { uploads } = call.platform;
  const file = await uploads.incoming();
  try {
    const fields = await readForm(call.request, file);
    return fields instanceof PlatformRefusal ? fields : await use(file, fields);
  } catch (cause) {
    if (cause instanceof ArchiveError) return refusals.invalid('application', cause.message);
    throw cause;
  } finally {
    await uploads.discard(file);
  }
}

/** The application in the path, if the caller's tenant owns it. */
function own(call: Call): Application | PlatformRefusal {
  const application = visibleById(call);
  if (application instanceof PlatformRefusal) return application;
  return application.owner === call.tenant.name ? application : refusals.forbidden();
}

/** A reference may be the URL of the application. */
function lastSegment(address: unknown): string | undefined {
  return typeof address === 'string' ? address.split('/').pop() : undefined;
}

function conflict(message: string): PlatformRefusal {
  return new PlatformRefusal(409, 'application/Conflict', message);
}

function parsed(text = '{}'): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    // The caller reports the missing fields.
    return {};
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
