import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { inRepository } from '../repository.mjs';
import { productionPackages } from '../pack/production-packages.mjs';

/** Not needed at run time: types, maps, tests, and builds for browsers. */
const LEFT_OUT = /\.(?:map|d\.[cm]?ts|[cm]?ts|tsbuildinfo|md)$|\.(?:spec|fixture)\.js$/;
const LEFT_OUT_FOLDERS = ['test', 'tests', 'docs', 'examples', 'benchmarks', '.github'];

/** Browser builds of `mqtt`, four times the size of the rest. */
const BROWSER_BUILDS = 'node_modules/mqtt/dist';

/**
 * A program that is installed on its own.
 *
 * @typedef {object} Program
 * @property {string} workspace such as `apps/agent`
 * @property {string} name of the package and of the command
 * @property {string} version
 * @property {string} description
 * @property {string} bin the file that starts it, in the workspace
 * @property {readonly string[]} [optional] dependencies with a build for each system, which npm fetches where it can
 */

/**
 * Puts a built program and everything it needs into a folder, as an npm package that contains its dependencies.
 *
 * @param {string} folder
 * @param {Program} program
 */
export function stageProgram(
  folder,
  { workspace, name, version, description, bin, optional = [] },
) {
  for (const { path, name: packageName, isOurs } of productionPackages(workspace)) {
    if (optional.includes(packageName)) continue;
    const to = join(folder, path === workspace ? '' : placeOf(path, packageName, isOurs));
    mkdirSync(to, { recursive: true });
    if (isOurs) {
      copy(inRepository(path, 'dist'), join(to, 'dist'));
      if (path !== workspace) cpSync(inRepository(path, 'package.json'), join(to, 'package.json'));
    } else {
      copy(inRepository(path), to);
    }
  }
  const own = JSON.parse(readFileSync(inRepository(workspace, 'package.json'), 'utf8'));
  const all = Object.entries(own.dependencies);
  const bundled = all.filter(([dependency]) => !optional.includes(dependency));
  const manifest = {
    name,
    version,
    description,
    license: own.license,
    bin: { [name]: `bin/${name}.mjs` },
    files: ['bin', 'dist'],
    engines: JSON.parse(readFileSync(inRepository('package.json'), 'utf8')).engines,
    dependencies: Object.fromEntries(bundled),
    ...(optional.length > 0 && {
      optionalDependencies: Object.fromEntries(
        all.filter(([dependency]) => optional.includes(dependency)),
      ),
    }),
    bundleDependencies: bundled.map(([dependency]) => dependency),
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  mkdirSync(join(folder, 'bin'));
  cpSync(inRepository(workspace, bin), join(folder, 'bin', `${name}.mjs`));
}

/**
 * @param {string} path
 * @param {string} name
 * @param {boolean} isOurs
 */
function placeOf(path, name, isOurs) {
  if (isOurs) return join('node_modules', name);
  return path.replace(/^.*?(?=node_modules\/)/, '');
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: source => {
      if (LEFT_OUT.test(source) || source.includes(BROWSER_BUILDS)) return false;
      const inside = source.slice(from.length).split(sep);
      // A package's own dependencies are listed separately here.
      return !inside.some(part => part === 'node_modules' || LEFT_OUT_FOLDERS.includes(part));
    },
  });
}
