import type { ConnectTask } from '../inbox/inbox';
import type { Log } from '../log/log';
import { Tunnel, type TunnelDependencies, type TunnelView } from './tunnel';

/** Each tunnel needs two sockets, and many systems limit a process to about a thousand. */
const MAX_TUNNELS = 400;

/** How many tunnels may run, with the limit that the settings have, if any. */
export function maxTunnels(limit = MAX_TUNNELS): number {
  return Math.min(limit, MAX_TUNNELS);
}

/** The running tunnels of a gateway. */
export class TunnelRegistry {
  private readonly running = new Map<Tunnel, Promise<void>>();

  private dependencies: TunnelDependencies | undefined;

  constructor(private readonly log: Log) {}

  /** Applies to tunnels that start from now on. */
  use(dependencies: TunnelDependencies): void {
    this.dependencies = dependencies;
  }

  list(): TunnelView[] {
    return [...this.running.keys()].map(tunnel => tunnel.view());
  }

  /** Starts a tunnel for a task, or fails the task if too many are running. */
  readonly start = (task: ConnectTask): void => {
    const { dependencies } = this;
    if (!dependencies) throw new Error('The tunnels have no dependencies yet');
    const limit = maxTunnels(dependencies.limits?.sessions);
    if (this.running.size >= limit) {
      const reason = `the gateway has reached its limit of ${limit} sessions`;
      this.log('session failed', { operation: task.id, reason });
      void task.failed(reason).catch((cause: unknown) => {
        this.log('status not reported', {
          operation: task.id,
          status: 'FAILED',
          reason: (cause as Error).message,
        });
      });
      return;
    }
    const tunnel = new Tunnel(task, dependencies);
    const done = tunnel.run().finally(() => this.running.delete(tunnel));
    this.running.set(tunnel, done);
  };

  /** Ends all tunnels and waits until they have ended. */
  async stop(reason: string): Promise<void> {
    for (const tunnel of this.running.keys()) tunnel.stop(reason);
    await Promise.all(this.running.values());
  }
}
