import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';

export interface MicroserviceManifest {
  readonly name: string;
  readonly contextPath: string;
  readonly version: string;
  readonly isolation: 'MULTI_TENANT' | 'PER_TENANT';
  readonly requiredRoles: readonly string[];
  readonly settingsCategory?: string;
  readonly memory: string;
  readonly livenessPath: string;
  readonly whole: Readonly<Record<string, unknown>>;
}

export interface MicroserviceArchive {
  readonly manifest: MicroserviceManifest;
  /** A docker archive. */
  readonly image: Uint8Array;
}

/** An archive that the platform refuses; the message says why. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** @throws ArchiveError */
export function readMicroservice(file: string): MicroserviceArchive {
  const files = unzipped(file);
  const image = files['image.tar'];
  if (!image) throw new ArchiveError('The archive has no image.tar');
  return { manifest: checkedManifest(manifestOf(files)), image };
}

/** @throws ArchiveError */
export function readWebApplication(file: string): {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, Uint8Array>>;
} {
  const files = unzipped(file);
  return { manifest: manifestOf(files), files };
}

function unzipped(file: string): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(readFileSync(file));
  } catch (cause) {
    throw new ArchiveError(`The archive is not a complete zip: ${(cause as Error).message}`);
  }
}

function manifestOf(
  files: Readonly<Record<string, Uint8Array>>,
): Readonly<Record<string, unknown>> {
  const text = files['cumulocity.json'];
  if (!text) throw new ArchiveError('The archive has no cumulocity.json');
  try {
    const manifest: unknown = JSON.parse(Buffer.from(text).toString('utf8'));
    if (isObject(manifest)) return manifest;
  } catch (cause) {
    throw new ArchiveError(`cumulocity.json is not JSON: ${(cause as Error).message}`);
  }
  throw new ArchiveError('cumulocity.json is not an object');
}

/**
 * The rules of the validator in the platform's Java SDK, as far as the emulator depends on them.
 */
function checkedManifest(manifest: Readonly<Record<string, unknown>>): MicroserviceManifest {
  const { name, contextPath, version, isolation = 'MULTI_TENANT', resources } = manifest;
  const text = (value: unknown, what: string, form: RegExp): string => {
    if (typeof value === 'string' && form.test(value)) return value;
    throw new ArchiveError(`${what} in cumulocity.json is missing or not valid`);
  };
  if (isolation !== 'MULTI_TENANT' && isolation !== 'PER_TENANT') {
    throw new ArchiveError('isolation in cumulocity.json is not valid');
  }
  const { memory } = isObject(resources) ? resources : {};
  const probe = manifest['livenessProbe'] as { httpGet?: { path?: unknown } } | undefined;
  const { settingsCategory, requiredRoles } = manifest;
  return {
    name: text(name, 'name', /^[a-z](?:[a-z0-9-]{0,21}[a-z0-9])?$/),
    contextPath: text(contextPath ?? name, 'contextPath', /^[a-zA-Z0-9][\w.-]*$/),
    version: text(version, 'version', /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/),
    isolation,
    requiredRoles: Array.isArray(requiredRoles) ? requiredRoles.map(String) : [],
    ...(typeof settingsCategory === 'string' && { settingsCategory }),
    memory: typeof memory === 'string' ? memory : '512M',
    livenessPath: text(probe?.httpGet?.path ?? '/', 'livenessProbe', /^\//),
    whole: manifest,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
