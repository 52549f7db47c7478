import './node-version.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join, posix, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import { DEFAULT_TARGETS, PLUGIN_WITH_MAPS, prepare } from './build.mjs';
import { REPOSITORY, inRepository } from './repository.mjs';
import { CliError, refuseArguments, reportAndFail } from './cli-error.mjs';

/**
 * Counts the source files that one SSH connect and one keystroke run through, in each process and
 * in the page. A file counts if one of its functions ran between the start and the end of the step;
 * being loaded is not enough. Connect lasts from the request for a ticket to the shell's prompt, a
 * keystroke from the key to its echo. A timer that happens to fire would count as well, so each
 * step is repeated several times, and only files that run every time count.
 */
const ROUNDS = 3;

/** Time for what follows an echo: the page reports to the service how much it has rendered. */
const SETTLE_MS = 300;

const CHROMIUM = '/usr/bin/chromium';

const WITHIN_MS = 120_000;
const LOOK_AGAIN_MS = 20;

/** The processes that are traced, by their names in stack.json. */
const PROCESSES = ['microservice', 'agent', 'emulator'];

/** Served to the browser instead of the plugin that the stack serves. */
const PLUGIN = inRepository(PLUGIN_WITH_MAPS);

/**
 * @typedef {object} FunctionCoverage
 * @property {string} functionName
 * @property {{ startOffset: number, endOffset: number, count: number }[]} ranges
 *
 * @typedef {{ url: string, functions: FunctionCoverage[] }} ScriptCoverage
 *
 * @typedef {Record<string, Set<string>>} Trace source files by process
 */

async function main() {
  refuseArguments(
    'npm run trace\n\nLists the source files that one connect and one keystroke run through.',
  );
  if (!existsSync(CHROMIUM)) {
    throw new CliError(
      `This needs ${CHROMIUM}; install it (on Debian: apt-get install chromium), and run the command again.`,
    );
  }
  await prepare([...DEFAULT_TARGETS, 'plugin-with-maps']);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'trace-'));
  /** @type {Awaited<ReturnType<typeof startStack>> | undefined} */
  let stack;
  try {
    stack = await startStack(folder);
    const page = await browser.newPage();
    const tracer = new Tracer(stack.processes, folder, await page.context().newCDPSession(page));
    await tracer.start();
    const { connects, keystrokes } = await traceSessions(page, stack, tracer);
    print('One SSH connect, from the request for a ticket to the prompt', inAll(connects));
    print('One keystroke, from the key to its echo', inAll(keystrokes));
  } finally {
    await browser.close();
    await stack?.stop();
    rmSync(folder, { recursive: true });
  }
}

/**
 * Collects what has run: from processes after a signal, from the page through the DevTools
 * protocol.
 */
class Tracer {
  /** @type {Map<string, { text: string, map: SourceMap | undefined }>} */
  #scripts = new Map();

  /**
   * @param {ReadonlyMap<string, number>} processes
   * @param {string} folder
   * @param {import('@playwright/test').CDPSession} page
   */
  constructor(processes, folder, page) {
    this.processes = processes;
    this.folder = folder;
    this.page = page;
  }

  async start() {
    await this.page.send('Profiler.enable');
    await this.page.send('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** @returns {Promise<Trace>} what has run since the last call */
  async take() {
    const { result } = await this.page.send('Profiler.takePreciseCoverage');
    /** @type {Trace} */
    const trace = { plugin: new Set(result.flatMap(script => this.#sourcesInPage(script))) };
    for (const [name, pid] of this.processes) {
      const coverage = await this.#coverageOf(pid);
      trace[name] = new Set(coverage.flatMap(script => this.#sourcesInProcess(script)));
    }
    return trace;
  }

  /**
   * @param {number} pid
   * @returns {Promise<ScriptCoverage[]>}
   */
  async #coverageOf(pid) {
    const file = join(this.folder, `${pid}.json`);
    rmSync(file, { force: true });
    process.kill(pid, 'SIGUSR2');
    const deadline = performance.now() + WITHIN_MS;
    while (!existsSync(file)) {
      if (performance.now() > deadline) throw new Error(`Process ${pid} wrote no ${file}`);
      await pause(LOOK_AGAIN_MS);
    }
    return JSON.parse(readFileSync(file, 'utf8'));
  }

  /** @param {ScriptCoverage} script TypeScript writes one output per source. */
  #sourcesInProcess({ url, functions }) {
    const [, workspace, path] =
      /^((?:apps|libs)\/[^/]+)\/dist\/(.*)\.js$/.exec(relative(REPOSITORY, fileURLToPath(url))) ??
      [];
    if (!workspace || !path) return [];
    const { text } = this.#script(fileURLToPath(url));
    return functions.some(one => hasRun(one, text)) ? [`${workspace}/src/${path}.ts`] : [];
  }

  /** @param {ScriptCoverage} script */
  #sourcesInPage({ url, functions }) {
    const [, name] = /\/apps\/remote-access-plugin[^/]*\/([^/?]+\.js)/.exec(url) ?? [];
    if (!name) return [];
    const { text, map } = this.#script(join(PLUGIN, name));
    if (!map) return [];
    const lines = lineStarts(text);
    return functions
      .filter(one => hasRun(one, text))
      .flatMap(({ ranges: [range] }) => sourceOf(map, lines, range?.startOffset ?? 0) ?? []);
  }

  /** @param {string} path */
  #script(path) {
    const known = this.#scripts.get(path);
    if (known) return known;
    const map = existsSync(`${path}.map`)
      ? new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
      : undefined;
    const script = { text: readFileSync(path, 'utf8'), map };
    this.#scripts.set(path, script);
    return script;
  }
}

/**
 * Functions added by compilers and bundlers; they run when a module is loaded or a name is looked
 * up.
 */
const GENERATED = [
  /^function ?\(\) \{ return \w+(?:\.\w+|\[\w+\]); \}$/,
  /^\(\) => \(\/\* (?:binding|reexport)/,
  /^\(?(?:async )?(?:function ?)?\(?(?:__unused_webpack_)?_*\w*module\w*, [^)]*exports/,
  /^static \{/,
];

/**
 * @param {FunctionCoverage} coverage
 * @param {string} text of the whole script
 */
function hasRun({ functionName, ranges }, text) {
  const [{ startOffset, endOffset } = { startOffset: 0, endOffset: 0 }] = ranges;
  // The module itself, which runs when it is loaded.
  if (startOffset === 0 && endOffset >= text.trimEnd().length) return false;
  if (functionName === '<static_initializer>') return false;
  const code = text.slice(startOffset, endOffset);
  if (GENERATED.some(pattern => pattern.test(code))) return false;
  // A function that was called earlier and continued after an `await` has blocks that ran.
  return ranges.some(({ count }) => count > 0);
}

/** @param {string} text */
function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * @param {SourceMap} map
 * @param {readonly number[]} lines
 * @param {number} offset
 */
function sourceOf(map, lines, offset) {
  let line = lines.findIndex(start => start > offset) - 1;
  if (line < 0) line = lines.length - 1;
  const entry = map.findEntry(line, offset - (lines[line] ?? 0));
  if (!('originalSource' in entry) || !entry.originalSource) return undefined;
  const path = posix.join('apps/plugin', entry.originalSource);
  // A template counts as its component.
  if (!/^(?:apps|libs)\/[^/]+\/src\//.test(path)) return undefined;
  return path.replace(/\.component\.html$/, '.component.ts');
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {{ url: string, password: string }} stack
 * @param {Tracer} tracer
 */
async function traceSessions(page, { url, password }, tracer) {
  await page.route('**/apps/remote-access-plugin*/**', (route, request) => {
    const path = join(PLUGIN, new URL(request.url()).pathname.replace(/^.*\//, ''));
    return existsSync(path) ? route.fulfill({ path }) : route.continue();
  });
  await page.route('**/tickets', async route => {
    await tracer.take();
    await route.continue();
  });
  await page.goto(`${url}/apps/public/login/`);
  await page.getByLabel('Username').fill('operator');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Factory gateway' }).press('Enter', { timeout: WITHIN_MS });
  const tabs = page.locator('c8y-tabs-outlet');
  await tabs.getByRole('link', { name: 'Remote access' }).click();
  const connects = [];
  const keystrokes = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.getByRole('button', { name: 'Connect to Gateway shell' }).click();
    await untilScreen(page, /[#$] *$/);
    connects.push(await tracer.take());
    for (const key of ['x', 'y', 'z']) {
      await pause(SETTLE_MS);
      await tracer.take();
      await page.keyboard.press(key);
      await untilScreen(page, new RegExp(`${key}$`));
      await pause(SETTLE_MS);
      keystrokes.push(await tracer.take());
    }
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('link', { name: 'Back to endpoints' }).click();
  }
  return { connects, keystrokes };
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {RegExp} pattern
 */
async function untilScreen(page, pattern) {
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline) {
    const lines = await page.locator('.xterm-rows > div').allTextContents();
    if (pattern.test(lines.join('\n').replaceAll('\u00a0', ' ').trimEnd())) return;
    await pause(LOOK_AGAIN_MS);
  }
  throw new Error(`The terminal never showed ${pattern}`);
}

/** @param {string} folder */
async function startStack(folder) {
  const probe = pathToFileURL(inRepository('tools', 'trace-probe.mjs')).href;
  const child = spawn(process.execPath, [inRepository('tools', 'start.mjs')], {
    // Makes the stack end when this process is gone, as under npm.
    env: {
      ...process.env,
      PORT: '0',
      npm_lifecycle_event: 'start',
      TRACE_FOLDER: folder,
      NODE_OPTIONS: `--import ${probe}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    child.once('exit', code => reject(new Error(`The stack ended with ${code}`)));
    createInterface(child.stdout).on('line', line => {
      const [, ready] = /^ready (.*)\/$/.exec(line) ?? [];
      if (ready) resolve(ready);
    });
  });
  const description = inRepository('.stack', new URL(url).port, 'stack.json');
  const { parts, password } = JSON.parse(readFileSync(description, 'utf8'));
  /** @type {Map<string, number>} */
  const pids = new Map(parts.map((/** @type {any} */ { name, pid }) => [name, pid]));
  return {
    url,
    password: String(password),
    processes: new Map(PROCESSES.map(name => [name, pids.get(name) ?? 0])),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  };
}

/**
 * @param {readonly Trace[]} traces
 * @returns {Trace} the files that are in all of them
 */
function inAll([first = {}, ...others]) {
  return Object.fromEntries(
    Object.entries(first).map(([name, files]) => [
      name,
      new Set([...files].filter(file => others.every(other => other[name]?.has(file)))),
    ]),
  );
}

/**
 * @param {string} title
 * @param {Trace} trace
 */
function print(title, trace) {
  console.log(`\n${title}`);
  for (const [name, files] of Object.entries(trace)) {
    console.log(`  ${name}: ${files.size} files`);
    for (const file of [...files].sort()) console.log(`    ${file}`);
  }
  const product = Object.entries(trace).filter(([name]) => name !== 'emulator');
  const all = new Set(product.flatMap(([, files]) => [...files]));
  const counts = Object.entries(trace).map(([name, { size }]) => `${name} ${size}`);
  console.log(`  ${counts.join(', ')}; without the emulator ${all.size} different files`);
}

main().catch(reportAndFail);
