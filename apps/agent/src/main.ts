import { parseArgs } from 'node:util';
import { SettingsError } from '@remote-access/settings';
import { surviveLostOutput } from '@remote-access/streams';
import { startAgent } from './agent';
import { checkAgent } from './diagnosis/check';
import { printStatus } from './status/status-server';
import { logToStdout as log } from './log/log';
import { readAgentSettings } from './settings/agent-settings';
import { isReadableByOthers } from './settings/settings-file';

export const USAGE = `Usage: remote-access-agent [run] [--settings FILE]
       remote-access-agent check [--settings FILE] [HOST:PORT]
       remote-access-agent status [--settings FILE]

run     receives sessions until it is stopped (the default); SIGHUP reads the settings again
check   tests the settings, the platform, the clock, the credentials and a target
status  shows the sessions of the running agent

Settings: /etc/remote-access-agent/agent.toml, and the environment on top of it.`;

const COMMANDS = ['run', 'check', 'status', 'help'] as const;

export interface CommandLine {
  readonly command: (typeof COMMANDS)[number];
  readonly settingsFile: string | undefined;
  /** For the command `check`: `host:port`. */
  readonly target: string | undefined;
}

/** The arguments are invalid. The message says which ones are valid. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

/** @throws CommandLineError */
export function readCommandLine(args: readonly string[]): CommandLine {
  let parsed;
  try {
    const options = {
      settings: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    throw new CommandLineError(`${(cause as Error).message}\n\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  const [name = 'run', target, ...rest] = positionals;
  const command = values.help ? 'help' : COMMANDS.find(one => one === name);
  const isTooMany = rest.length > 0 || (target !== undefined && command !== 'check');
  if (command === undefined || isTooMany) throw new CommandLineError(USAGE);
  return { command, settingsFile: values.settings, target };
}

async function run({ settingsFile }: CommandLine): Promise<void> {
  surviveLostOutput();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  // The parent process ended without sending a signal.
  process.once('disconnect', stop);

  const settings = readAgentSettings(process.env, settingsFile);
  if (settingsFile !== undefined && isReadableByOthers(settingsFile)) {
    log('settings file is readable by other users', { path: settingsFile });
  }
  const starting = startAgent(settings, { signal: stopping.signal });
  const reload = (): void => {
    starting
      .then(agent => agent.reload(readAgentSettings(process.env, settingsFile)))
      .catch((cause: unknown) => {
        const { message } = cause as Error;
        const reason = cause instanceof SettingsError ? cause.problems.join('; ') : message;
        log('settings not reloaded', { reason });
      });
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
