import './node-version.mjs';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fingerprint } from './build-steps/fingerprint.mjs';
import { install } from './installation.mjs';
import { compressFiles } from './build-steps/compress.mjs';
import { runLogged } from './logged-command.mjs';
import { withBuildLock } from './build-steps/build-lock.mjs';
import { inRepository } from './repository.mjs';
import { CliError, parseArguments, reportAndFail } from './cli-error.mjs';

const USAGE = `npm run build [-- [--check] TARGET…]

Installs missing packages and builds what is missing or out of date.

  --check    builds nothing, and fails if something is out of date`;

/** @type {{ workspaces: readonly string[] }} */
const { workspaces } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
const LIBRARIES = workspaces.filter(path => path.startsWith('libs/'));
export const PROGRAMS = [
  'apps/emulator',
  'apps/microservice',
  'apps/agent',
  'apps/cli',
  'tools/demo-target',
];

/** The unminified plugin with source maps, for trace-files.mjs. */
export const PLUGIN_WITH_MAPS = '.cache/plugin-with-maps';

/** Settings of webpack that the plugin and the shell share. */
const WEBPACK = 'tools/production-build.cjs';

/** A separate target, because building the shell takes a hundred times longer. */
const SIGN_IN_PAGE = [
  'src/login',
  'tools/copy-login.mjs',
  'tsconfig.login.json',
  'tsconfig.login.build.json',
].map(path => `apps/shell/${path}`);

/**
 * @typedef {object} Target
 * @property {string} what shown while it is built
 * @property {readonly string[]} inputs files and folders; a change in any of them causes a rebuild
 * @property {(path: string) => boolean} [counts] which files of the inputs matter
 * @property {readonly string[]} outputs one file of each output; if one is missing, the target is built
 * @property {readonly string[]} [outputFolders] compared with what the last build left in them
 * @property {readonly string[]} command
 * @property {string} [compressed] folder whose files are also written compressed
 * @property {boolean} [onDemand] built only when it is asked for by name
 */

/** In build order. They are built one after another, because each build uses every core. */
/** @type {Readonly<Record<string, Target>>} */
const TARGETS = {
  node: {
    what: 'the emulator, the microservice, the agent, the command line and the demo targets',
    inputs: [
      ...[...LIBRARIES, ...PROGRAMS].flatMap(path => [`${path}/src`, `${path}/tsconfig.json`]),
      'tsconfig.base.json',
      'package-lock.json',
    ],
    outputs: [...LIBRARIES, ...PROGRAMS].map(path => `${path}/dist/index.js`),
    outputFolders: [...LIBRARIES, ...PROGRAMS].map(path => `${path}/dist`),
    command: [process.execPath, 'node_modules/typescript/bin/tsc', '-b', ...PROGRAMS],
  },
  plugin: {
    what: 'the plugin',
    inputs: ['apps/plugin', 'libs/contracts/src', WEBPACK, 'package.json', 'package-lock.json'],
    counts: isNoSpec,
    outputs: ['apps/plugin/dist/remoteEntry.js', 'apps/plugin/dist/session/index.html'],
    command: ['npm', 'run', 'build', '--workspace', 'remote-access-plugin'],
    compressed: 'apps/plugin/dist',
  },
  'plugin-with-maps': {
    what: 'the plugin with source maps',
    inputs: ['apps/plugin', 'libs/contracts/src', WEBPACK, 'package.json', 'package-lock.json'],
    counts: isNoSpec,
    outputs: [`${PLUGIN_WITH_MAPS}/remoteEntry.js`],
    command: [
      ...['npm', 'run', 'build:plugin', '--workspace', 'remote-access-plugin', '--'],
      ...['--source-map', '--optimization=false', `--output-path=../../${PLUGIN_WITH_MAPS}`],
    ],
    onDemand: true,
  },
  shell: {
    what: 'the Device Management and Administration shell (the longest part, about two minutes)',
    inputs: ['apps/shell', WEBPACK, 'package-lock.json'],
    counts: path => isNoSpec(path) && !SIGN_IN_PAGE.some(part => path.startsWith(part)),
    outputs: ['apps/shell/dist/shell/index.html'],
    command: ['npm', 'run', 'build', '--workspace', 'remote-access-shell'],
    compressed: 'apps/shell/dist/shell',
  },
  login: {
    what: 'the sign-in page',
    inputs: [...SIGN_IN_PAGE, 'package-lock.json'],
    counts: isNoSpec,
    outputs: ['apps/shell/dist/login/index.html'],
    command: ['npm', 'run', 'build:login', '--workspace', 'remote-access-shell'],
    compressed: 'apps/shell/dist/login',
  },
};

export const DEFAULT_TARGETS = Object.keys(TARGETS).filter(name => !TARGETS[name]?.onDemand);

/** @param {string} path */
function isNoSpec(path) {
  return !path.endsWith('.spec.ts');
}

/**
 * Installs missing packages and builds what is missing or out of date.
 *
 * @param {readonly string[]} names of targets
 */
export async function prepare(names = DEFAULT_TARGETS) {
  await withBuildLock(async () => {
    await install();
    await build(names);
  });
}

/** @param {readonly string[]} names */
async function build(names) {
  for (const name of names) {
    const target = TARGETS[name];
    if (!target) {
      throw new CliError(
        `Unknown build target "${name}". Targets: ${Object.keys(TARGETS).join(', ')}.`,
      );
    }
    await buildTarget(name, target);
  }
}

/**
 * @param {string} name
 * @param {Target} target
 */
async function buildTarget(name, target) {
  const { what, outputs, command } = target;
  if (isCurrent(name, target)) return;

  // tsc -b trusts its own records: it does not rebuild an output that was edited or deleted.
  const force = target.outputFolders && !hasOwnOutputs(name, target) ? ['--force'] : [];
  const inputs = inputsOf(target);
  // Removed during the build, so that an interrupted build is not mistaken for a finished one.
  rmSync(stampFile(name), { force: true });
  const [program, ...args] = command;
  if (!program) throw new Error(`Target ${name} has no command`);
  await runLogged(`Building ${what}`, program, [...args, ...force], {
    log: inRepository('.cache', 'logs', `build-${name}.log`),
    env: { ...process.env, NG_CLI_ANALYTICS: 'false' },
  });
  const missing = outputs.filter(path => !existsSync(inRepository(path)));
  if (missing.length > 0) {
    throw new CliError(`Building ${what} succeeded but left no ${missing.join(', ')}.`);
  }
  if (target.compressed) await compressFiles(inRepository(target.compressed));
  // The hashes are from before the build, so that sources saved in the meantime are built next
  // time.
  writeStamp(name, [inputs, outputsOf(target)]);
}

/**
 * Records that a target has just been built from its sources by another tool.
 *
 * @param {string} name
 */
export function recordBuild(name) {
  const target = TARGETS[name];
  if (target) writeStamp(name, [inputsOf(target), outputsOf(target)]);
}

/**
 * @param {string} name
 * @param {Target} target
 */
function isCurrent(name, target) {
  return readStamp(name)[0] === inputsOf(target) && hasOwnOutputs(name, target);
}

/**
 * Whether the outputs are those of the last build.
 *
 * @param {string} name
 * @param {Target} target
 */
function hasOwnOutputs(name, target) {
  if (!target.outputs.every(path => existsSync(inRepository(path)))) return false;
  return (readStamp(name)[1] ?? '') === outputsOf(target);
}

/** @param {Target} target */
function inputsOf({ inputs, counts }) {
  return fingerprint(inputs, counts);
}

/** @param {Target} target */
function outputsOf({ outputFolders = [] }) {
  return outputFolders.length > 0 ? fingerprint(outputFolders) : '';
}

/** @param {string} name */
function stampFile(name) {
  return inRepository('.cache', 'build', `${name}.sha256`);
}

/**
 * @param {string} name
 * @returns {string[]} the hash of the inputs, and that of the outputs where they are compared
 */
function readStamp(name) {
  const file = stampFile(name);
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ') : [];
}

/**
 * @param {string} name
 * @param {readonly string[]} hashes
 */
function writeStamp(name, hashes) {
  mkdirSync(dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), hashes.filter(Boolean).join(' '));
}

/**
 * `npm run build -- --check node` builds nothing, and fails if the target is not up to date.
 *
 * @param {readonly string[]} names
 */
function check(names) {
  for (const name of names) {
    const target = TARGETS[name];
    if (target && isCurrent(name, target)) continue;
    throw new CliError(
      `dist of ${target?.what ?? name} differs from its sources, or was changed after the build.\n` +
        `Run \`npm run build\`, or \`npm run build -- ${name}\` for these alone. ` +
        'If that does not help, run `npm run clean` first.',
    );
  }
}

async function main() {
  const { values, positionals } = parseArguments(USAGE, {
    options: { check: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(`${USAGE}\n\nTargets: ${Object.keys(TARGETS).join(', ')}.`);
    return;
  }
  const names = positionals.length > 0 ? positionals : DEFAULT_TARGETS;
  if (values.check) check(names);
  else await prepare(names);
}

if (process.argv[1] === import.meta.filename) main().catch(reportAndFail);
