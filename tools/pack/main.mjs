import '../node-version.mjs';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from '../build.mjs';
import { CliError, parseArguments, reportAndFail } from '../cli-error.mjs';
import { inRepository, shown } from '../repository.mjs';
import { run } from './command.mjs';
import { buildWithEngine, ENGINES } from './engine.mjs';
import { imageArchive, sha256 } from './image.mjs';
import { noticesOf } from './notices.mjs';
import { bundledPackages, pluginZip } from './plugin-package.mjs';
import { productionPackages } from './production-packages.mjs';
import { fetchDebianPackages, fetchNode, NODE, writeWhole } from './runtime.mjs';
import { debianPart, npmPart, sbomOf } from './sbom.mjs';
import { zipOf } from './zip.mjs';

const USAGE = `npm run pack [-- [--engine docker|podman|buildah [--base IMAGE] [--ca FILE]] [--out DIR] [--no-build]]

Makes the archives of a release in dist: the microservice and the plugin, their SBOMs, SHA256SUMS.

  --engine NAME     builds the Dockerfile instead of putting the minimal image together; such an
                    archive is larger, and its hash differs each time
  --base IMAGE      builds on it instead of node:24-slim, for example from a mirror; needs Debian's apt-get
  --ca FILE         npm trusts these authorities (PEM) too while the engine builds, such as that of a
                    company's proxy; NODE_EXTRA_CA_CERTS by default. They do not get into the image.
  --out DIR         where to, instead of dist
  --no-build        packs what is built, without looking whether it is current`;

const SERVICE = 'cloud-remote-access';
const PLUGIN = 'remote-access-plugin';

/** A comfortable size for uploads to a tenant. */
const MAX_SERVICE_BYTES = 60 * 1024 * 1024;

async function main() {
  const { engine, out, build } = readArguments();
  const { version } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  if (build) await prepare(['node', 'plugin']);
  const source = await sourceOfCommit();
  mkdirSync(out, { recursive: true });
  const archives = [
    ...(await packService({ engine, version, source })),
    ...packPlugin({ version, source }),
  ];
  const sums = archives.map(({ name, data }) => `${sha256(data)}  ${name}\n`).join('');
  for (const { name, data } of archives) writeWhole(join(out, name), data);
  writeWhole(join(out, 'SHA256SUMS'), sums);
  console.log(`\nPacked version ${version} into ${shown(out)}:`);
  for (const { name, data } of archives) {
    console.log(`  ${megabytes(data.length).padStart(8)}  ${sha256(data)}  ${name}`);
  }
}

/**
 * @typedef {{ revision: string, created: string }} Source
 * @typedef {{ name: string, data: Uint8Array }} Archive
 */

/**
 * @param {{ engine: import('./engine.mjs').Engine | undefined, version: string, source: Source }} options
 * @returns {Promise<Archive[]>}
 */
async function packService({ engine, version, source }) {
  step('Collecting the packages of the microservice');
  const packages = productionPackages('apps/microservice');
  if (!engine) step('Collecting Node.js and the libraries of the image');
  const debian = engine ? [] : await fetchDebianPackages();
  const notices = noticesOf(SERVICE, packages, [
    { title: `Node.js ${NODE.version}`, text: 'See /usr/share/doc/node/LICENSE in the image.' },
    ...debian.map(({ name, version: itsVersion }) => ({
      title: `${name} ${itsVersion} (Debian)`,
      text: `See /usr/share/doc/${name}/copyright in the image. Debian has the sources.`,
    })),
  ]);
  step(engine ? `Building the image with ${engine.name}` : 'Writing the image');
  const image = engine
    ? await buildWithEngine(engine, { name: SERVICE, version, ...source })
    : imageArchive({
        name: SERVICE,
        version,
        source,
        node: await fetchNode(),
        debian,
        packages,
        notices,
      });
  step('Compressing the archive of the microservice');
  const manifest = JSON.parse(readFileSync(inRepository('cumulocity.json'), 'utf8'));
  const zip = zipOf({
    'cumulocity.json': Buffer.from(`${JSON.stringify({ ...manifest, version }, null, 2)}\n`),
    'image.tar': image,
  });
  if (!engine && zip.length > MAX_SERVICE_BYTES) {
    throw new CliError(
      `The archive has ${megabytes(zip.length)}; more than ${megabytes(MAX_SERVICE_BYTES)} is not ` +
        'accepted. Look for what was added to the dependencies.',
    );
  }
  const nodePart = {
    name: 'node',
    version: NODE.version,
    license: 'MIT',
    purl: `pkg:npm/${NODE.package}@${NODE.version}`,
  };
  const parts = packages.filter(({ isOurs }) => !isOurs).map(npmPart);
  const sbom = sbomOf({ name: SERVICE, version, created: source.created }, [
    ...parts,
    ...(engine ? [] : [nodePart, ...debian.map(debianPart)]),
  ]);
  return [
    { name: `${SERVICE}-${version}.zip`, data: zip },
    { name: `${SERVICE}-${version}.cdx.json`, data: Buffer.from(sbom) },
  ];
}

/**
 * @param {{ version: string, source: Source }} options
 * @returns {Archive[]}
 */
function packPlugin({ version, source }) {
  step('Collecting the packages in the plugin');
  const packages = bundledPackages();
  const notices = noticesOf(PLUGIN, packages);
  step('Compressing the archive of the plugin');
  const parts = packages.filter(({ isOurs }) => !isOurs).map(npmPart);
  const sbom = sbomOf({ name: PLUGIN, version, created: source.created }, parts);
  return [
    { name: `${PLUGIN}-${version}.zip`, data: pluginZip(version, notices) },
    { name: `${PLUGIN}-${version}.cdx.json`, data: Buffer.from(sbom) },
  ];
}

/**
 * The commit that is packed; its time is used as the time of packing, so that packing is
 * reproducible.
 */
async function sourceOfCommit() {
  const format = ['log', '-1', '--format=%H %cI'];
  const text = await run('Looking up the commit', 'git', format).catch(() => '');
  const [revision = 'unknown', created = '1970-01-01T00:00:00Z'] = text.trim().split(' ');
  return { revision: revision || 'unknown', created: new Date(created).toISOString() };
}

const startedAt = performance.now();

/** @param {string} what */
function step(what) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`[${seconds.padStart(5)} s] ${what} …`);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function readArguments() {
  const { values } = parseArguments(USAGE, {
    options: {
      engine: { type: 'string' },
      base: { type: 'string' },
      ca: { type: 'string' },
      out: { type: 'string' },
      'no-build': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit();
  }
  const { engine: name, base, ca, out, 'no-build': noBuild } = values;
  if (name !== undefined && !ENGINES.includes(name)) {
    throw new CliError(`--engine must be one of ${ENGINES.join(', ')}.\n\n${USAGE}`);
  }
  if (name === undefined && (base !== undefined || ca !== undefined)) {
    throw new CliError(`--base and --ca are for builds with --engine.\n\n${USAGE}`);
  }
  const authorities = ca ?? (process.env['NODE_EXTRA_CA_CERTS'] || undefined);
  const engine = name === undefined ? undefined : { name, base, ca: authorities };
  return { engine, out: out ?? inRepository('dist'), build: !noBuild };
}

main().catch(reportAndFail);
