import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { PROGRAMS, recordBuild } from '../build.mjs';
import { CliError } from '../cli-error.mjs';
import { fingerprint } from '../build-steps/fingerprint.mjs';
import { REPOSITORY, inRepository } from '../repository.mjs';

/** In the order in which they are restarted. */
const RESTARTED = /** @type {const} */ (['emulator', 'microservice', 'agent']);

/** Sources of the plugin. */
const PLUGIN_SOURCES = ['apps/plugin/src', 'libs/contracts/src'];

/**
 * Appended to the plugin's entry, so that open pages reload when another build is served. The path is
 * the one at which the platform serves the plugin.
 */
const RELOAD = `
;(() => {
  const build = async () => (await fetch('/apps/remote-access-plugin/build.txt', { cache: 'no-store' })).text();
  const loaded = build();
  setInterval(async () => {
    try {
      if ((await build()) !== (await loaded)) location.reload();
    } catch {
      // The platform is restarting.
    }
  }, 1000);
})();
`;

/**
 * Rebuilds what changed while a stack is running, restarts the programs whose output differs, and
 * makes open pages reload the plugin. TypeScript watches the programs' sources itself; Angular's
 * watch mode, which takes a minute and a gigabyte, starts with the first change to the plugin.
 */
export class SourceWatch {
  /** @type {import('node:child_process').ChildProcess[]} */
  #compilers = [];
  /** @type {import('node:fs').FSWatcher[]} */
  #watchers = [];
  /** @type {Map<string, string>} */
  #running = new Map();
  /** @type {Promise<void>} */
  #restarts = Promise.resolve();
  /** @type {string | undefined} */
  #restarting;
  #stopped = false;

  /** @param {number} port of the stack; each stack has its own copies */
  constructor(port) {
    this.folder = inRepository('.cache', 'dev', String(port));
    /** The platform's state survives a restart of the emulator. */
    this.dataFolder = join(this.folder, 'data');
    this.pluginFolder = join(this.folder, 'plugin');
    rmSync(this.folder, { recursive: true, force: true });
    this.#servePlugin(inRepository('apps/plugin/dist'));
  }

  /** While this is true, a program that exits does not stop the stack; its next build restarts it. */
  get isWatching() {
    return this.#compilers.length > 0;
  }

  /** @param {import('./stack-process.mjs').StackProcess} ended */
  reportExit(ended) {
    // A program that fails to start is reported by its restart.
    if (ended.name !== this.#restarting) console.error(ended.exitReport);
  }

  /** @param {import('./stack.mjs').Stack} stack */
  start(stack) {
    for (const name of RESTARTED) this.#running.set(name, outputOf(name));
    this.#compile(
      'node_modules/typescript/bin/tsc',
      ['-b', ...PROGRAMS, '--watch', '--preserveWatchOutput'],
      '.',
      line => {
        const [, errors] = /Found (\d+) errors?\. Watching for file changes\.$/.exec(line) ?? [];
        if (errors === '0') this.#restarts = this.#restarts.then(() => this.#restartChanged(stack));
        else if (errors !== undefined) console.log('Fix the errors above; nothing was restarted.');
        else if (/error TS\d+/.test(line)) console.log(line);
      },
    );
    for (const folder of PLUGIN_SOURCES) {
      const watcher = watch(inRepository(folder), { recursive: true }, (_event, file) => {
        if (file && !file.endsWith('.spec.ts')) this.#watchPlugin();
      });
      this.#watchers.push(watcher);
    }
    console.log('Watching the sources; open pages reload when the plugin has been rebuilt.');
  }

  async stop() {
    this.#stopped = true;
    for (const watcher of this.#watchers) watcher.close();
    for (const { pid } of this.#compilers) {
      try {
        if (pid) process.kill(-pid, 'SIGTERM');
      } catch (error) {
        // It has ended already.
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
      }
    }
    await this.#restarts;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @param {import('./stack.mjs').Stack} stack */
  async #restartChanged(stack) {
    if (this.#stopped) return;
    recordBuild('node');
    for (const name of RESTARTED) {
      const output = outputOf(name);
      if (output === this.#running.get(name)) continue;
      this.#running.set(name, output);
      this.#restarting = name;
      try {
        await stack.restart(name);
        console.log(`Restarted the ${name}.`);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        if (!this.#stopped) console.error(error.message);
      } finally {
        this.#restarting = undefined;
      }
    }
  }

  #watchPlugin() {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    const output = join(this.folder, 'plugin-build');
    console.log('Building the plugin; the first build takes a minute …');
    this.#compile(
      'node_modules/@angular/cli/bin/ng.js',
      ['build', '--watch', '--optimization=false', '--source-map', `--output-path=${output}`],
      'apps/plugin',
      line => {
        if (/\berror\b/i.test(line)) console.log(line);
        if (!/^Build at: /.test(line) || !existsSync(join(output, 'remoteEntry.js'))) return;
        this.#servePlugin(output);
        console.log('Rebuilt the plugin; open pages reload.');
      },
    );
  }

  /** @param {string} build folder of a finished build */
  #servePlugin(build) {
    cpSync(build, this.pluginFolder, { recursive: true });
    const entry = readFileSync(join(build, 'remoteEntry.js'), 'utf8');
    writeFileSync(join(this.pluginFolder, 'remoteEntry.js'), entry + RELOAD);
    writeFileSync(join(this.pluginFolder, 'build.txt'), new Date().toISOString());
  }

  /**
   * Runs a compiler that ends with this process.
   *
   * @param {string} program
   * @param {readonly string[]} args
   * @param {string} folder
   * @param {(line: string) => void} onLine
   */
  #compile(program, args, folder, onLine) {
    const endWithParent = pathToFileURL(inRepository('tools', 'stack', 'end-with-parent.mjs')).href;
    const child = spawn(
      process.execPath,
      ['--import', endWithParent, inRepository(program), ...args],
      {
        cwd: inRepository(folder),
        // A separate process group, so that stopping it reaches the workers that it has started.
        detached: true,
        env: { ...process.env, NG_CLI_ANALYTICS: 'false' },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    if (child.stdout) createInterface(child.stdout).on('line', onLine);
    if (child.stderr) createInterface(child.stderr).on('line', onLine);
    this.#compilers.push(child);
  }
}

/**
 * A hash of all our code that a program runs.
 *
 * @param {string} name of the program
 */
function outputOf(name) {
  /** @type {{ workspaces: Record<string, string[]> }} */
  const { workspaces } = JSON.parse(readFileSync(join(REPOSITORY, 'layers.json'), 'utf8'));
  const libraries = (workspaces[`apps/${name}`] ?? []).map(layer => layer.split('/')[0]);
  return fingerprint(
    [`apps/${name}/dist`, ...libraries.map(library => `libs/${library}/dist`)],
    path => path.endsWith('.js'),
  );
}
