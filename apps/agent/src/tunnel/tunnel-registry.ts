import type { ConnectTask } from '../inbox/inbox';
import { Tunnel, type TunnelTools } from './tunnel';

/** Each takes two sockets of the thousand that many systems give a process. */
export const MAX_TUNNELS = 400;

/** Runs the tunnels of a gateway. */
export class TunnelRegistry {
  private readonly running = new Map<Tunnel, Promise<void>>();

  constructor(private readonly tools: TunnelTools) {}

  /** Begins a tunnel for a task. */
  readonly take = (task: ConnectTask): void => {
    if (this.running.size >= MAX_TUNNELS) {
      const reason = `the gateway has ${MAX_TUNNELS} sessions, and takes no more`;
      this.tools.log('session failed', { operation: task.id, reason });
      void task.failed(reason).catch((cause: unknown) => {
        this.tools.log('status not told', {
          operation: task.id,
          status: 'FAILED',
          reason: (cause as Error).message,
        });
      });
      return;
    }
    const tunnel = new Tunnel(task, this.tools);
    const done = tunnel.run().finally(() => this.running.delete(tunnel));
    this.running.set(tunnel, done);
  };

  /** Ends all tunnels. */
  async stop(reason: string): Promise<void> {
    for (const tunnel of this.running.keys()) tunnel.stop(reason);
    await Promise.all(this.running.values());
  }
}
