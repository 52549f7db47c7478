import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { tail } from './logged-command.mjs';
import { REPOSITORY, inRepository, shown } from './repository.mjs';
import { Trouble } from './trouble.mjs';

/**
 * The heap may grow to this many MiB before V8 collects all of it. Chunks that sockets bring lie
 * outside of the heap and count as if they were old; with V8's own start, of a few MiB, a flood in
 * one session makes it mark the whole heap up to eight times a second, and each time stops every
 * other session of the process for 5 to 15 ms. Young collections, under a millisecond, free the same
 * chunks.
 */
const LATE_COLLECTION = '--initial-old-space-size=128';

/** After SIGUSR1, each part has its inspector on a free port and says which in its log. */
const FREE_INSPECTOR = '--inspect-port=0';

/** A part that has not ended this long after SIGTERM is ended by force. */
const STOP_GRACE_MS = 5000;

/** Longest time for a part to be ready; a machine with two busy cores needs a tenth of it. */
const READY_WITHIN_MS = 60_000;

const LOOK_AGAIN_MS = 50;

/**
 * One process of the local stack: a program of ours with a log of its own. It has a channel to this
 * process and ends when that breaks, so nothing is left however this process ends; and a process
 * group of its own, so that Ctrl+C reaches it only through {@link Part.stop}.
 */
export class Part {
  /** Messages that came before anybody waited for them. */
  /** @type {unknown[]} */
  #messages = [];
  /** @type {string | undefined} */
  #end;
  #stopping = false;
  /** @type {Promise<void>} */
  #ended;

  /**
   * @param {string} name as it is shown
   * @param {string} program to be run by Node
   * @param {{ log: string, env: Record<string, string>, args: readonly string[], onDeath: (part: Part) => void }} options
   */
  constructor(name, program, { log, env, args, onDeath }) {
    this.name = name;
    this.program = program;
    this.env = env;
    this.log = log;
    const output = openSync(log, 'w');
    const watch = pathToFileURL(inRepository('tools', 'orphan-watch.mjs')).href;
    const node = [LATE_COLLECTION, FREE_INSPECTOR, '--enable-source-maps', '--import', watch];
    this.child = spawn(process.execPath, [...node, program, ...args], {
      cwd: REPOSITORY,
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.child.on('message', message => this.#messages.push(message));
    this.#ended = new Promise(resolve => {
      const end = (/** @type {string} */ reason) => {
        this.#end ??= reason;
        if (!this.#stopping) {
          this.#endGroup();
          onDeath(this);
        }
        resolve();
      };
      this.child.once('error', error => end(error.message));
      this.child.once('exit', (code, signal) =>
        end(signal ? `was ended by ${signal}` : `ended with exit code ${code}`),
      );
    });
  }

  /** What became of it, with the end of its log. */
  get obituary() {
    return `The ${this.name} ${this.#end ?? 'runs'}.\n${tail(this.log)}\nAll of it: ${shown(this.log)}`;
  }

  /**
   * @template T
   * @param {() => T | undefined | Promise<T | undefined>} probe answers when the part is ready
   * @returns {Promise<T>} what it answered
   * @throws {Trouble} when the part ends first or takes too long
   */
  async ready(probe) {
    const deadline = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const answer = await probe();
      if (answer !== undefined) return answer;
      if (this.#end !== undefined) throw new Trouble(this.obituary);
      if (performance.now() > deadline) {
        throw new Trouble(
          `The ${this.name} was not ready within ${READY_WITHIN_MS / 1000} s.\n${tail(this.log)}\n` +
            `All of it: ${shown(this.log)}`,
        );
      }
      await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  /** A probe: the first message that the part has sent. */
  message = () => this.#messages[0];

  /** A probe: the part has said on its output that it is ready. */
  saysReady = () => (/\bready\b/i.test(readFileSync(this.log, 'utf8')) ? true : undefined);

  /**
   * A part that was killed could not end what it had started, a server perhaps; that is still in its
   * process group.
   */
  #endGroup() {
    try {
      if (this.child.pid) process.kill(-this.child.pid, 'SIGTERM');
    } catch (error) {
      // Nothing is left of it.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  }

  async stop() {
    this.#stopping = true;
    if (this.#end !== undefined) return;
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_GRACE_MS);
    await this.#ended;
    clearTimeout(force);
  }
}

/**
 * A probe: the address answers, whatever the status.
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
      // Nobody listens yet; the deadline of `ready` ends the waiting.
      return undefined;
    }
  };
}
