import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';

/** The same path when run from the sources and from the build output. */
const ROOT = join(__dirname, '..', '..', '..');

/** `npm test` has built everything before; what remains takes seconds. */
const READY_WITHIN_MS = 120_000;

/** The description that the stack writes when it is ready. */
export interface StackDescription {
  /** The password of every user and device. */
  readonly password: string;
  /** Addresses of the MQTT broker, without and with TLS. */
  readonly mqtt: string;
  readonly mqtts: string;
  /** Path of the certificate of the CA. */
  readonly ca: string;
  /** The SSH server behind the gateway. */
  readonly target: {
    readonly port: number;
    readonly userName: string;
    readonly privateKey: string;
    readonly hostKey: string;
  };
  /** The VNC server behind the gateway. */
  readonly panel: {
    readonly port: number;
    readonly password: string;
  };
  /** The Telnet server behind the gateway. */
  readonly controller: { readonly port: number };
  readonly parts: readonly {
    readonly name: string;
    readonly program: string;
    readonly env: Readonly<Record<string, string>>;
    readonly log: string;
    readonly pid: number;
  }[];
}

export interface LocalStackOptions {
  /** Environment variables, in addition to those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Command line options of `npm start`. */
  readonly args?: readonly string[];
}

/** The stack of `npm start`, on a free port. */
export class LocalStack {
  private constructor(
    readonly process: ChildProcess,
    /** Without a trailing slash. */
    readonly url: string,
    readonly description: StackDescription,
    private readonly lines: readonly string[],
    private readonly folder: string,
  ) {}

  static async start({ env, args = [] }: LocalStackOptions = {}): Promise<LocalStack> {
    const home = temporaryFolder('home');
    const child = spawn(process.execPath, [join(ROOT, 'tools', 'start.mjs'), ...args], {
      // As under npm, it ends when the process that started it is gone, for whatever reason. The
      // shells behind its gateway do not read the profile of the user who runs it.
      env: {
        ...process.env,
        PORT: '0',
        npm_lifecycle_event: 'start',
        HOME: home.path,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.once('exit', () => home.remove());
    const output: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (reason: string): void => {
        child.kill('SIGTERM');
        reject(new Error(`${reason}:\n${output.join('\n')}`));
      };
      const deadline = setTimeout(() => fail('The stack was not ready in time'), READY_WITHIN_MS);
      child.once('exit', code => fail(`The stack ended with ${code}`));
      createInterface(child.stderr).on('line', line => output.push(line));
      createInterface(child.stdout).on('line', line => {
        output.push(line);
        const [, ready] = /^ready (.*)\/$/.exec(line) ?? [];
        if (!ready) return;
        clearTimeout(deadline);
        resolve(ready);
      });
    });
    const folder = join(ROOT, '.stack', new URL(url).port);
    const file = join(folder, 'stack.json');
    return new LocalStack(
      child,
      url,
      JSON.parse(readFileSync(file, 'utf8')) as StackDescription,
      output,
      folder,
    );
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('The stack was never started');
    return this.process.pid;
  }

  /** Its output so far, including errors. */
  get output(): string {
    return this.lines.join('\n');
  }

  /** A user's header of that name. */
  authorization(user: string): string {
    return `Basic ${Buffer.from(`t1001/${user}:${this.description.password}`).toString('base64')}`;
  }

  /** A request to the platform as a user, with Basic credentials. */
  fetch(path: string, user: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      ...init,
      headers: {
        authorization: this.authorization(user),
        'content-type': 'application/json',
        accept: 'application/json',
      },
    });
  }

  /** Stops it as Ctrl+C does. */
  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGINT');
    const [code] = (await ended) as [number | null];
    if (code !== 0) throw new Error(`The stack ended with ${code}`);
    // The logs of a stack that ended in any other way are kept for diagnosis.
    rmSync(this.folder, { recursive: true, force: true });
  }
}
