import { SettingsError } from '@remote-access/settings';
import { startAgent } from './agent';
import { CommandLineError, readCommandLine, USAGE, type CommandLine } from './command-line';
import { checkAgent } from './diagnosis/check';
import { printStatus } from './diagnosis/print-status';
import { logToStdout as log } from './log/log';
import { readAgentSettings } from './settings/agent-settings';
import { isReadableByOthers } from './settings/settings-file';

async function run({ settingsFile }: CommandLine): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  // The parent process is gone and did not send a signal.
  process.once('disconnect', stop);

  const settings = readAgentSettings(process.env, settingsFile);
  if (settingsFile !== undefined && isReadableByOthers(settingsFile)) {
    log('settings file is readable by other users', { path: settingsFile });
  }
  const starting = startAgent(settings, { signal: stopping.signal });
  const reload = (): void => {
    starting
      .then(agent => agent.reload(readAgentSettings(process.env, settingsFile)))
      .catch((cause: unknown) =>
        log('settings not reloaded', { reason: (cause as Error).message }),
      );
  };
  process.on('SIGHUP', reload);
  const agent = await starting;
  if (!stopping.signal.aborted) {
    log('ready', { platform: settings.baseUrl, user: settings.user });
    await new Promise(resolve => stopping.signal.addEventListener('abort', resolve));
  }
  process.off('SIGHUP', reload);
  await agent.stop();
  log('stopped');
  if (process.connected) process.disconnect();
}

async function main(): Promise<void> {
  const commandLine = readCommandLine(process.argv.slice(2));
  const { command, settingsFile, target } = commandLine;
  switch (command) {
    case 'run':
      return run(commandLine);
    case 'check':
      process.exitCode = await checkAgent(process.env, settingsFile, target);
      return;
    case 'status':
      process.exitCode = await printStatus(readAgentSettings(process.env, settingsFile));
      return;
    case 'help':
      process.stdout.write(`${USAGE}\n`);
      return;
    default:
      return command satisfies never;
  }
}

main().catch((cause: unknown) => {
  const isExpected = cause instanceof SettingsError || cause instanceof CommandLineError;
  console.error(isExpected ? cause.message : cause);
  process.exitCode = cause instanceof CommandLineError ? 2 : 1;
});
