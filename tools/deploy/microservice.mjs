import { CliError } from '../cli-error.mjs';
import { NoAnswer, reasonOf } from './platform.mjs';
import { step, uploadProgress } from './progress.mjs';

/**
 * @typedef {import('./platform.mjs').Platform} Platform
 * @typedef {import('./archives.mjs').Archive} Archive
 * @typedef {import('./tenant-checks.mjs').Deployer} Deployer
 */

const POLL_MS = 1000;

/**
 * Uploads the microservice, subscribes the tenant, and waits until it is healthy.
 *
 * @param {Platform} platform
 * @param {Deployer} deployer
 * @param {object} plan
 * @param {Archive} plan.service
 * @param {Archive | undefined} plan.previous to roll back to
 * @param {any} plan.existing the application, if it exists
 * @param {number} plan.timeoutMs until it must be healthy
 */
export async function deployService(platform, deployer, plan) {
  const { service, previous, existing, timeoutMs } = plan;
  const application = existing ?? (await createApplication(platform, deployer, service.manifest));
  try {
    await uploadImage(platform, application, service);
    await subscribe(platform, deployer.tenant, application);
  } catch (error) {
    if (!existing) await removeApplication(platform, application);
    throw error;
  }
  const problem = await healthProblem(platform, application, service.manifest, timeoutMs);
  if (!problem) return application;

  if (previous) {
    step(`${problem} Going back to version ${previous.manifest.version}`);
    await uploadImage(platform, application, previous);
    const again = await healthProblem(platform, application, previous.manifest, timeoutMs);
    throw new CliError(
      again
        ? `Version ${service.manifest.version} did not become healthy, and neither did ${previous.manifest.version} after going back. ${again}`
        : `Version ${service.manifest.version} did not become healthy; version ${previous.manifest.version} runs again. ${problem}`,
    );
  }
  if (!existing) {
    const log = await logOf(platform, application.id);
    await removeApplication(platform, application);
    throw new CliError(
      `The microservice did not become healthy, so it was removed again. ${problem}${log}`,
    );
  }
  throw new CliError(
    `Version ${service.manifest.version} did not become healthy and there is no --previous archive to go back to, so it is still installed. ` +
      `${problem}${await logOf(platform, application.id)}`,
  );
}

/**
 * @param {Platform} platform
 * @param {Deployer} deployer
 * @param {any} manifest
 */
async function createApplication(platform, { tenant }, { name, contextPath }) {
  step(`Creating the application ${name}`);
  const application = await platform.require(
    'Creating the application',
    'POST',
    '/application/applications',
    { name, key: `${name}-${tenant}-key`, type: 'MICROSERVICE', contextPath },
  );
  platform.changes.push(`the application ${name} was created`);
  return application;
}

/**
 * @param {Platform} platform
 * @param {any} application
 * @param {Archive} archive
 */
async function uploadImage(platform, application, { file, data, manifest }) {
  step(`Uploading version ${manifest.version} of the microservice`);
  const answer = await platform.upload(
    `/application/applications/${application.id}/binaries`,
    { field: 'file', name: file, data },
    {},
    uploadProgress(data.length),
  );
  if (answer.status < 200 || answer.status >= 300) {
    throw new CliError(`The tenant did not accept ${file}: ${reasonOf(answer)}`);
  }
  platform.changes.push(`version ${manifest.version} of the microservice was uploaded`);
}

/**
 * @param {Platform} platform
 * @param {string} tenant
 * @param {any} application
 */
async function subscribe(platform, tenant, application) {
  const path = `/tenant/tenants/${encodeURIComponent(tenant)}/applications`;
  const answer = await platform.call('POST', path, { application: { id: application.id } });
  // The tenant is already subscribed.
  if (answer.status === 409) return;
  if (answer.status !== 201) {
    throw new CliError(`Subscribing the tenant failed: ${reasonOf(answer)}`);
  }
  platform.changes.push('the tenant was subscribed to the microservice');
}

/**
 * Waits until the microservice is healthy.
 *
 * @param {Platform} platform
 * @param {any} application
 * @param {{ contextPath: string, version: string }} manifest
 * @param {number} timeoutMs
 * @returns {Promise<string | undefined>} what is wrong
 */
async function healthProblem(platform, { id }, { contextPath, version }, timeoutMs) {
  step(`Waiting until version ${version} is healthy`);
  const deadline = performance.now() + timeoutMs;
  /** @type {string | undefined} */
  let seen;
  do {
    seen = await seenProblem(platform, id, contextPath);
    if (seen === undefined) return undefined;
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  } while (performance.now() < deadline);
  return `After ${timeoutMs / 1000} s ${seen}.`;
}

/**
 * @param {Platform} platform
 * @param {string} id
 * @param {string} contextPath
 * @returns {Promise<string | undefined>} what is wrong at the moment
 */
async function seenProblem(platform, id, contextPath) {
  try {
    const status = await statusOf(platform, id);
    const health = await platform.call('GET', `/service/${contextPath}/health`);
    if (status.isUp !== false && health.status === 200) return undefined;
    return `the platform shows "${status.text}", and its health check is answered with ${health.status}`;
  } catch (error) {
    // A connection that breaks while it waits is no reason to give up.
    if (error instanceof NoAnswer) return 'the platform does not answer';
    throw error;
  }
}

/**
 * @param {Platform} platform
 * @param {string} id
 */
async function statusOf(platform, id) {
  const { json } = await platform.call(
    'GET',
    `/inventory/managedObjects?type=c8y_Application_${id}&pageSize=1`,
  );
  const text = json?.managedObjects?.[0]?.c8y_Status?.status;
  // If the platform shows no status, only the health check counts.
  return { text: text ?? 'no status', isUp: text === undefined ? undefined : text === 'Up' };
}

/**
 * The end of the microservice's log, for an error.
 *
 * @param {Platform} platform
 * @param {string} id
 */
async function logOf(platform, id) {
  const { json } = await platform.call(
    'GET',
    `/inventory/managedObjects?type=c8y_Application_${id}&pageSize=1`,
  );
  const [instance] = Object.keys(json?.managedObjects?.[0]?.c8y_Status?.instances ?? {});
  if (!instance) return '';
  const path = `/application/applications/${id}/logs/${encodeURIComponent(instance)}`;
  const answer = await platform.call('GET', path);
  const stream = String(answer.json?.stream ?? '').trim();
  return stream === '' ? '' : `\nIts log ends with:\n${stream.slice(-2000)}`;
}

/**
 * @param {Platform} platform
 * @param {any} application
 */
export async function removeApplication(platform, { id, name }) {
  const answer = await platform.call('DELETE', `/application/applications/${id}?force=true`);
  if (answer.status !== 204 && answer.status !== 404) {
    throw new CliError(`Removing the application ${name} failed: ${reasonOf(answer)}`);
  }
  platform.changes = platform.changes.filter(
    change => !/microservice|application .* was created/.test(change),
  );
}
