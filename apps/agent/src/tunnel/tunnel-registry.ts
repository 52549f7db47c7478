import type { ConnectTask } from '../inbox/inbox';
import { Tunnel, type TunnelDependencies } from './tunnel';

/** Each needs two sockets, and many systems limit a process to about a thousand. */
export const MAX_TUNNELS = 400;

/** The running tunnels of a gateway. */
export class TunnelRegistry {
  private readonly running = new Map<Tunnel, Promise<void>>();

  constructor(private readonly dependencies: TunnelDependencies) {}

  /** Starts a tunnel for a task, or fails the task if there are too many. */
  readonly start = (task: ConnectTask): void => {
    if (this.running.size >= MAX_TUNNELS) {
      const reason = `the gateway has reached its limit of ${MAX_TUNNELS} sessions`;
      this.dependencies.log('session failed', { operation: task.id, reason });
      void task.failed(reason).catch((cause: unknown) => {
        this.dependencies.log('status not reported', {
          operation: task.id,
          status: 'FAILED',
          reason: (cause as Error).message,
        });
      });
      return;
    }
    const tunnel = new Tunnel(task, this.dependencies);
    const done = tunnel.run().finally(() => this.running.delete(tunnel));
    this.running.set(tunnel, done);
  };

  /** Ends all tunnels and waits until they have ended. */
  async stop(reason: string): Promise<void> {
    for (const tunnel of this.running.keys()) tunnel.stop(reason);
    await Promise.all(this.running.values());
  }
}
