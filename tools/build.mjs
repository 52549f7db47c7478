import './node-version.mjs';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fingerprint } from './fingerprint.mjs';
import { install } from './installation.mjs';
import { runLogged } from './logged-command.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { inRepository } from './repository.mjs';
import { Trouble, failWith } from './trouble.mjs';

const LIBRARIES = [
  'contracts',
  'settings',
  'streams',
  'bayeux',
  'ssh-keys',
  'ssh',
  'telnet',
  'vnc',
  'testkit',
].map(name => `libs/${name}`);
const PROGRAMS = ['apps/emulator', 'apps/microservice', 'apps/agent', 'tools/demo-target'];

/** The plugin readable and with source maps, for trace-files.mjs. */
export const PLUGIN_WITH_MAPS = '.cache/plugin-with-maps';

/** Beside the shell, which takes a hundred times longer. */
const SIGN_IN_PAGE = [
  'src/login',
  'tools/copy-login.mjs',
  'tsconfig.login.json',
  'tsconfig.login.build.json',
].map(path => `apps/shell/${path}`);

/**
 * @typedef {object} Target
 * @property {string} what as it is shown
 * @property {readonly string[]} inputs a change in any of these builds it again
 * @property {(path: string) => boolean} [counts] which files of the inputs matter
 * @property {readonly string[]} outputs one file of each output: when it is gone, so is the build
 * @property {readonly string[]} command
 * @property {boolean} [onDemand] built only when it is asked for by name
 */

/** In the order in which they are built, one after another: each uses every core by itself. */
/** @type {Readonly<Record<string, Target>>} */
const TARGETS = {
  node: {
    what: 'the emulator, the microservice, the agent and the demo targets',
    inputs: [
      ...[...LIBRARIES, ...PROGRAMS].flatMap(path => [`${path}/src`, `${path}/tsconfig.json`]),
      'tsconfig.base.json',
      'package-lock.json',
    ],
    outputs: [...LIBRARIES, ...PROGRAMS].map(path => `${path}/dist/index.js`),
    command: [process.execPath, 'node_modules/typescript/bin/tsc', '-b', ...PROGRAMS],
  },
  plugin: {
    what: 'the plugin',
    inputs: ['apps/plugin', 'libs/contracts/src', 'package-lock.json'],
    counts: isNoSpec,
    outputs: ['apps/plugin/dist/remoteEntry.js'],
    command: ['npm', 'run', 'build', '--workspace', 'remote-access-plugin'],
  },
  'plugin-with-maps': {
    what: 'the plugin with source maps',
    inputs: ['apps/plugin', 'libs/contracts/src', 'package-lock.json'],
    counts: isNoSpec,
    outputs: [`${PLUGIN_WITH_MAPS}/remoteEntry.js`],
    command: [
      ...['npm', 'run', 'build', '--workspace', 'remote-access-plugin', '--'],
      ...['--source-map', '--optimization=false', `--output-path=../../${PLUGIN_WITH_MAPS}`],
    ],
    onDemand: true,
  },
  shell: {
    what: 'the Device Management and Administration shell (the longest part, about two minutes)',
    inputs: ['apps/shell', 'package-lock.json'],
    counts: path => isNoSpec(path) && !SIGN_IN_PAGE.some(part => path.startsWith(part)),
    outputs: ['apps/shell/dist/shell/index.html'],
    command: ['npm', 'run', 'build', '--workspace', 'remote-access-shell'],
  },
  login: {
    what: 'the sign-in page',
    inputs: [...SIGN_IN_PAGE, 'package-lock.json'],
    counts: isNoSpec,
    outputs: ['apps/shell/dist/login/index.html'],
    command: ['npm', 'run', 'build:login', '--workspace', 'remote-access-shell'],
  },
};

export const DEFAULT_TARGETS = Object.keys(TARGETS).filter(name => !TARGETS[name]?.onDemand);

/** @param {string} path */
function isNoSpec(path) {
  return !path.endsWith('.spec.ts');
}

/**
 * Installs what is not installed and builds what is not built, or not of these sources.
 *
 * @param {readonly string[]} names of targets
 */
export async function prepare(names = DEFAULT_TARGETS) {
  await oneAtATime(async () => {
    await install();
    await build(names);
  });
}

/** @param {readonly string[]} names */
async function build(names) {
  for (const name of names) {
    const target = TARGETS[name];
    if (!target) {
      throw new Trouble(
        `There is no build "${name}"; there are ${Object.keys(TARGETS).join(', ')}.`,
      );
    }
    await buildTarget(name, target);
  }
}

/**
 * @param {string} name
 * @param {Target} target
 */
async function buildTarget(name, { what, inputs, counts, outputs, command }) {
  const stamp = inRepository('.cache', 'build', `${name}.sha256`);
  const wanted = fingerprint(inputs, counts);
  const whole = () => outputs.every(path => existsSync(inRepository(path)));
  if (whole() && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  // Gone while it builds, so that a build that was cut short is not taken for one.
  rmSync(stamp, { force: true });
  const [program, ...args] = command;
  if (!program) throw new Error(`Target ${name} has no command`);
  // tsc -b looks at its notes, not at its outputs: where those are gone it must be told.
  const force = name === 'node' && !whole() ? ['--force'] : [];
  await runLogged(`Building ${what}`, program, [...args, ...force], {
    log: inRepository('.cache', 'logs', `build-${name}.log`),
    env: { ...process.env, NG_CLI_ANALYTICS: 'false' },
  });
  const missing = outputs.filter(path => !existsSync(inRepository(path)));
  if (missing.length > 0) {
    throw new Trouble(`Building ${what} ended well but left no ${missing.join(', ')}.`);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  // Sources saved while it was building are built the next time.
  writeFileSync(stamp, wanted);
}

if (process.argv[1] === import.meta.filename) {
  const names = process.argv.slice(2);
  prepare(names.length > 0 ? names : undefined).catch(failWith);
}
