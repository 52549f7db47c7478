import type { Inbox } from './inbox/inbox';
import { RestInbox } from './inbox/rest-inbox';
import { logToStdout, type Log } from './log/log';
import type { AgentSettings } from './settings/agent-settings';
import { TargetDialler } from './targets/target-dialler';
import { RelayDialler } from './tunnel/relay-dialler';
import { TunnelRegistry } from './tunnel/tunnel-registry';

/** The program on a gateway that connects what only the gateway can reach. */
export class Agent {
  constructor(
    private readonly inbox: Inbox,
    private readonly tunnels: TunnelRegistry,
  ) {}

  /** Takes no more tasks, ends the tunnels, and has told the platform so. */
  async stop(): Promise<void> {
    const stopped = this.tunnels.stop("the gateway's agent was stopped");
    await this.inbox.close();
    await stopped;
  }
}

export interface AgentOptions {
  /** Where events are written; standard output by default. */
  readonly log?: Log;
  /** Gives up waiting for the platform. */
  readonly signal?: AbortSignal;
}

/**
 * Starts an agent. It tries until it has reached the platform, and again whenever it loses it.
 *
 * @returns the agent, once it has subscribed to its operations and taken those that waited
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
  const giveUp = (): void => void agent.stop();
  signal?.addEventListener('abort', giveUp, { once: true });
  await inbox.open(tunnels.take);
  signal?.removeEventListener('abort', giveUp);
  return agent;
}
