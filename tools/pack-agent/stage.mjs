import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { inRepository } from '../repository.mjs';
import { productionPackages } from '../pack/production-packages.mjs';

const AGENT = 'apps/agent';

/** Not needed at run time: types, maps, tests, and builds for browsers. */
const LEFT_OUT = /\.(?:map|d\.[cm]?ts|[cm]?ts|tsbuildinfo|md)$|\.(?:spec|fixture)\.js$/;
const LEFT_OUT_FOLDERS = ['test', 'tests', 'docs', 'examples', 'benchmarks', '.github'];

/** Browser builds of `mqtt`, four times the size of the rest. */
const BROWSER_BUILDS = 'node_modules/mqtt/dist';

/**
 * Puts the built agent and everything it needs into a folder, as an npm package that contains its
 * dependencies.
 *
 * @param {string} folder
 * @param {string} version
 */
export function stageAgent(folder, version) {
  const packages = productionPackages(AGENT);
  for (const { path, name, isOurs } of packages) {
    const to = join(folder, placeOf(path, name, isOurs));
    mkdirSync(to, { recursive: true });
    if (isOurs) {
      copy(inRepository(path, 'dist'), join(to, 'dist'));
      if (path !== AGENT) cpSync(inRepository(path, 'package.json'), join(to, 'package.json'));
    } else {
      copy(inRepository(path), to);
    }
  }
  const own = JSON.parse(readFileSync(inRepository(AGENT, 'package.json'), 'utf8'));
  const manifest = {
    name: 'remote-access-agent',
    version,
    description: 'Remote access to the machines behind a Cumulocity gateway: the program on it',
    license: own.license,
    bin: { 'remote-access-agent': 'bin/remote-access-agent.mjs' },
    files: ['bin', 'dist'],
    engines: JSON.parse(readFileSync(inRepository('package.json'), 'utf8')).engines,
    dependencies: own.dependencies,
    bundleDependencies: Object.keys(own.dependencies),
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  mkdirSync(join(folder, 'bin'));
  cpSync(
    inRepository(AGENT, 'package', 'remote-access-agent.mjs'),
    join(folder, 'bin', 'remote-access-agent.mjs'),
  );
}

/**
 * @param {string} path
 * @param {string} name
 * @param {boolean} isOurs
 */
function placeOf(path, name, isOurs) {
  if (path === AGENT) return '';
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
