import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { connect } from 'node:net';
import { LOOPBACK } from './loopback-ports.mjs';
import { CliError } from '../cli-error.mjs';
import { tail } from '../logged-command.mjs';
import { REPOSITORY, inRepository, shown } from '../repository.mjs';

/**
 * Heap size in MiB below which V8 does not collect the whole heap. Chunks delivered by sockets lie
 * outside the heap and count as old objects. With V8's default of a few MiB, a flood in one session
 * makes it mark the whole heap up to eight times a second, each time stopping every other session
 * of the process for 5 to 15 ms. Young collections, which take less than a millisecond, free the
 * same chunks.
 */
const INITIAL_HEAP = '--initial-old-space-size=128';

/** After SIGUSR1, each process opens its inspector on a free port and logs the port number. */
const INSPECTOR = '--inspect-port=0';

/**
 * Programs that are not ours do not notice when the IPC channel closes. On Linux the kernel ends
 * them with their parent.
 */
const ENDED_WITH_PARENT =
  process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];

/**
 * A process that is still running this long after SIGTERM is killed. The microservice gives its
 * sessions ten seconds.
 */
const STOP_TIMEOUT_MS = 15_000;

/** A process is usually ready within a tenth of this, even on a machine with two busy cores. */
const READY_TIMEOUT_MS = 60_000;

const RETRY_MS = 50;

/**
 * One process of the local stack, with its own log: a Node program, or one installed on the
 * machine. An IPC channel ties it to this process, so it ends when this process ends, for whatever
 * reason. It has its own process group, so Ctrl+C reaches it only through
 * {@link StackProcess.stop}.
 */
export class StackProcess {
  /** Messages that arrived before anybody waited for them. */
  /** @type {unknown[]} */
  #messages = [];
  /** @type {string | undefined} */
  #exitReason;
  #stopping = false;
  /** @type {Promise<void>} */
  #ended;

  /**
   * @param {string} name for messages
   * @param {string} program path of the program; Node runs those that end in `.js`
   * @param {object} options
   * @param {string} options.log
   * @param {Record<string, string>} options.env
   * @param {readonly string[]} options.args
   * @param {(process: StackProcess) => void} options.onUnexpectedExit
   */
  constructor(name, program, { log, env, args, onUnexpectedExit }) {
    this.name = name;
    this.program = program;
    this.env = env;
    this.args = args;
    this.log = log;
    const output = openSync(log, 'w');
    const endWithParent = pathToFileURL(inRepository('tools', 'stack', 'end-with-parent.mjs')).href;
    const node = [INITIAL_HEAP, INSPECTOR, '--enable-source-maps', '--import', endWithParent];
    const isNode = program.endsWith('.js');
    const [command, ...words] = isNode
      ? [process.execPath, ...node, program]
      : [...ENDED_WITH_PARENT, program];
    this.child = spawn(/** @type {string} */ (command), [...words, ...args], {
      cwd: REPOSITORY,
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.child.on('message', message => this.#messages.push(message));
    this.#ended = new Promise(resolve => {
      const end = (/** @type {string} */ reason) => {
        this.#exitReason ??= reason;
        if (!this.#stopping) {
          this.#endGroup();
          onUnexpectedExit(this);
        }
        resolve();
      };
      this.child.on('error', error => end(`could not be started: ${error.message}`));
      this.child.once('exit', (code, signal) =>
        end(signal ? `was ended by ${signal}` : `ended with exit code ${code}`),
      );
    });
  }

  /** Why it ended, and the end of its log. */
  get exitReport() {
    return `The ${this.name} ${this.#exitReason ?? 'is running'}.\n${tail(this.log)}\nFull log: ${shown(this.log)}`;
  }

  /**
   * @template T
   * @param {() => T | undefined | Promise<T | undefined>} probe returns a value once the process is
   *   ready
   * @returns {Promise<T>} that value
   * @throws {CliError} if the process ends first or takes too long
   */
  async ready(probe) {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      const answer = await probe();
      if (answer !== undefined) return answer;
      if (this.#exitReason !== undefined) throw new CliError(this.exitReport);
      if (performance.now() > deadline) {
        throw new CliError(
          `The ${this.name} was not ready within ${READY_TIMEOUT_MS / 1000} s.\n${tail(this.log)}\n` +
            `Full log: ${shown(this.log)}`,
        );
      }
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
  }

  /** A probe: the first message that the process has sent. */
  message = () => this.#messages[0];

  /** A probe: the process has logged that it is ready. */
  loggedReady = () => (/\bready\b/i.test(readFileSync(this.log, 'utf8')) ? true : undefined);

  /**
   * Ends the programs that a killed process has started, such as a server, through their process
   * group: the process cannot do so itself.
   */
  #endGroup() {
    try {
      if (this.child.pid) process.kill(-this.child.pid, 'SIGTERM');
    } catch (error) {
      // The group is empty.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  }

  async stop() {
    this.#stopping = true;
    if (this.#exitReason !== undefined) return;
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(force);
  }
}

/**
 * A probe: something listens on a loopback port.
 *
 * @param {number} port
 */
export function listens(port) {
  return () =>
    /** @type {Promise<true | undefined>} */ (
      new Promise(resolve => {
        const socket = connect(port, LOOPBACK);
        socket.once('connect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => resolve(undefined));
      })
    );
}

/**
 * A probe: the address answers with any status below 500.
 *
 * @param {string} url
 */
export function answers(url) {
  return async () => {
    try {
      const response = await fetch(url, { redirect: 'manual' });
      await response.body?.cancel();
      return response.status < 500 ? true : undefined;
    } catch {
      // Nothing listens yet; `ready` ends the wait at its deadline.
      return undefined;
    }
  };
}
