import type { AgentSettings } from '../settings/agent-settings';
import { readStatus } from '../status/status-server';

/** @returns the exit code */
export async function printStatus(
  { statusSocket }: AgentSettings,
  print: (line: string) => void = console.log,
): Promise<number> {
  if (statusSocket === undefined) {
    print('The agent has no status socket; set status.socket (or STATUS_SOCKET).');
    return 1;
  }
  try {
    const { platform, device, transport, startedAt, sessions } = await readStatus(statusSocket);
    print(`${device} at ${platform} over ${transport}, running since ${startedAt}`);
    print(sessions.length === 1 ? '1 session' : `${sessions.length} sessions`);
    for (const { operation, target, startedAt: since, ...bytes } of sessions) {
      const traffic = `${bytes.toTargetBytes} bytes sent, ${bytes.fromTargetBytes} received`;
      print(`  ${target}  since ${since}  ${traffic}  (operation ${operation})`);
    }
    return 0;
  } catch (cause) {
    print(`No agent answers at ${statusSocket}: ${(cause as Error).message}`);
    return 1;
  }
}
