import { SettingsError } from '@remote-access/settings';
import { startAgent } from './agent';
import { logToStdout as log } from './log/log';
import { readAgentSettings } from './settings/agent-settings';

async function main(): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  // The parent process is gone and did not send a signal.
  process.once('disconnect', stop);

  const settings = readAgentSettings(process.env);
  const agent = await startAgent(settings, { signal: stopping.signal });
  if (!stopping.signal.aborted) {
    log('ready', { platform: settings.baseUrl, user: settings.user });
    await new Promise(resolve => stopping.signal.addEventListener('abort', resolve));
  }
  await agent.stop();
  log('stopped');
  if (process.connected) process.disconnect();
}

main().catch((cause: unknown) => {
  console.error(cause instanceof SettingsError ? cause.message : cause);
  process.exitCode = 1;
});
