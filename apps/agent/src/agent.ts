import type { Inbox } from './inbox/inbox';
import { RestInbox } from './inbox/rest-inbox';
import { logToStdout, type Log } from './log/log';
import type { AgentSettings } from './settings/agent-settings';
import { TargetDialler } from './targets/target-dialler';
import { RelayDialler } from './tunnel/relay-dialler';
import { TunnelRegistry } from './tunnel/tunnel-registry';

/** The program on a gateway that opens tunnels to targets which only the gateway can reach. */
export class Agent {
  constructor(
    private readonly inbox: Inbox,
    private readonly tunnels: TunnelRegistry,
  ) {}

  /** Accepts no more tasks, ends the tunnels and reports that to the platform. */
  async stop(): Promise<void> {
    const stopped = this.tunnels.stop("the gateway's agent was stopped");
    await this.inbox.close();
    await stopped;
  }
}

export interface AgentOptions {
  /** Defaults to standard output. */
  readonly log?: Log;
  /** Aborts the wait for the platform. */
  readonly signal?: AbortSignal;
}

/**
 * Starts an agent. It connects to the platform, with retries, and reconnects whenever the connection is lost.
 *
 * @returns the agent, once it has subscribed to its operations and started those that were pending
 */
export async function startAgent(
  settings: AgentSettings,
  { log = logToStdout, signal }: AgentOptions = {},
): Promise<Agent> {
  const inbox = new RestInbox(settings, log);
  const tunnels = new TunnelRegistry({
    relays: new RelayDialler(settings),
    targets: new TargetDialler(settings.targets ?? { allow: [], deny: [] }),
    log,
  });
  const agent = new Agent(inbox, tunnels);
  const stop = (): void => void agent.stop();
  signal?.addEventListener('abort', stop, { once: true });
  await inbox.open(tunnels.start);
  signal?.removeEventListener('abort', stop);
  return agent;
}
