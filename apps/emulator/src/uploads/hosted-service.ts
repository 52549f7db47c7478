import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import type { Image } from './image-files';

/** How much of the process's latest output is kept, as the platform keeps logs. */
const LOG_LENGTH = 256 * 1024;

/** A process that ignores SIGTERM is killed after this time, as in the cluster. */
const STOP_TIMEOUT_MS = 10_000;

/**
 * The pause before a container that ended is restarted grows from the first value to the second.
 */
const RESTART_MS = { first: 1_000, longest: 30_000 };

const HEALTH_INTERVAL_MS = 500;

export type ServiceStatus = 'Up' | 'Down' | 'Starting';

/** The uid used if the image names root: nothing runs as root. */
const NOBODY = 65534;

/**
 * An uploaded microservice: its image in a sandbox (bwrap), with a read-only root, without
 * capabilities, as the image's user. It shares the network of this machine and listens on loopback.
 */
export class HostedService {
  restarts = 0;
  private state: ServiceStatus = 'Starting';
  private output = '';
  private port = 0;
  private child: ChildProcess | undefined;
  private isStarted = false;
  private isStopping = false;
  private restartTimer: NodeJS.Timeout | undefined;
  private healthTimer: NodeJS.Timeout | undefined;

  /** @param onChange called when the status has changed */
  constructor(
    readonly instance: string,
    private readonly image: Image,
    private readonly env: Readonly<Record<string, string>>,
    private readonly livenessPath: string,
    private readonly onChange: () => void,
  ) {}

  get status(): ServiceStatus {
    return this.state;
  }

  get log(): string {
    return this.output;
  }

  /** The address that the ingress forwards to; `undefined` while nothing listens there. */
  get url(): string | undefined {
    return this.state === 'Up' ? `http://127.0.0.1:${this.port}` : undefined;
  }

  /** Starts it, unless it is already running. */
  async start(): Promise<void> {
    if (this.isStarted) return;
    this.isStarted = true;
    this.port = await freePort();
    if (this.isStopping) return;
    const [program = '', ...args] = this.command();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    }
    child.on('error', ({ message }) => this.keep(`${message}\n`));
    child.once('close', code => this.ended(code));
    this.healthTimer = setInterval(() => void this.probe(), HEALTH_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.restartTimer);
    clearInterval(this.healthTimer);
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'close');
    for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exit;
    clearTimeout(force);
  }

  private command(): string[] {
    const { rootfs, command, env, workingDirectory, uid } = this.image;
    const user = uid || NOBODY;
    const variables = [...env.map(splitVariable), ...Object.entries(this.env)];
    const isRoot = process.getuid?.() === 0;
    return [
      // A sandbox started by root would keep root's access to files.
      ...(isRoot ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : []),
      ...['bwrap', '--unshare-all', '--share-net', '--die-with-parent', '--new-session'],
      // The program is bwrap's only child, so that signals reach it.
      '--as-pid-1',
      ...['--uid', String(user), '--gid', String(user), '--cap-drop', 'ALL'],
      ...['--ro-bind', rootfs, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
      ...['--chdir', workingDirectory, '--clearenv'],
      ...variables.flatMap(([name, value]) => ['--setenv', name, value]),
      ...['--setenv', 'SERVER_PORT', String(this.port), '--setenv', 'SERVER_HOST', '127.0.0.1'],
      ...['--', ...command],
    ];
  }

  private keep(text: string): void {
    this.output = (this.output + text).slice(-LOG_LENGTH);
  }

  private ended(code: number | null): void {
    clearInterval(this.healthTimer);
    this.keep(`The container ended with exit code ${code}\n`);
    this.state = 'Down';
    if (this.isStopping) return;
    this.isStarted = false;
    const pause = Math.min(RESTART_MS.first * 2 ** this.restarts, RESTART_MS.longest);
    this.restarts += 1;
    this.onChange();
    this.restartTimer = setTimeout(() => void this.start(), pause);
  }

  private async probe(): Promise<void> {
    const isUp = await fetch(`http://127.0.0.1:${this.port}${this.livenessPath}`, {
      signal: AbortSignal.timeout(HEALTH_INTERVAL_MS * 4),
    }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (this.isStopping || this.child?.exitCode !== null) return;
    if (isUp) this.become('Up');
    else if (this.state === 'Up') this.become('Down');
  }

  private become(status: ServiceStatus): void {
    if (this.state === status) return;
    this.state = status;
    this.onChange();
  }
}

/**
 * Tries the sandbox, so that what it lacks is said at once and not in the log of the first upload.
 *
 * @returns what is wrong and what to do; `undefined` if a program can be started in it
 */
export function sandboxProblem(env: NodeJS.ProcessEnv): string | undefined {
  const sandbox = ['--unshare-all', '--share-net', '--as-pid-1', '--ro-bind', '/', '/'];
  const { error, status, stderr } = spawnSync('bwrap', [...sandbox, '--', 'true'], {
    env,
    encoding: 'utf8',
  });
  if (error) {
    return '--run-uploads needs bwrap, which is not installed. Install it (apt-get install bubblewrap)';
  }
  if (status === 0) return undefined;
  return `--run-uploads needs bwrap, which this machine does not let run: ${stderr.trim()}`;
}

/** The child processes, because bwrap forwards no signals. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    // The process has just ended.
    return [];
  }
}

function splitVariable(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  return [text.slice(0, equals), text.slice(equals + 1)];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
