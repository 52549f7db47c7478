import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoopDelay } from './event-loop-watch';

/** A separate program that reports the delays of its event loop. */
export class WatchedProgram {
  private readonly child: ChildProcess;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const watch = join(__dirname, 'event-loop-watch.js');
    this.child = spawn(process.execPath, ['--require', watch, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** The delays since the last call. */
  async delay(): Promise<LoopDelay> {
    const answer = once(this.child, 'message');
    this.child.send('tell');
    const [told] = (await answer) as [LoopDelay];
    return told;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
