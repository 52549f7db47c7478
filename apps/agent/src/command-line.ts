import { parseArgs } from 'node:util';

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
  /** For `check`: `host:port`. */
  readonly target: string | undefined;
}

/** The arguments cannot be used. The message says how they can. */
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
