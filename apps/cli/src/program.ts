import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { addListCommands } from './commands/list-commands';
import { addSignInCommands } from './commands/sign-in-commands';
import { addTunnelCommands } from './commands/tunnel-commands';
import { addSshCommands } from './commands/ssh-commands';
import { addDesktopCommands } from './commands/desktop-commands';
import { addTransferCommands } from './commands/transfer-commands';
import { addCompletionCommands } from './commands/completion-commands';
import { addSshConfigCommand } from './commands/ssh-config-command';
import type { Surroundings } from './commands/context';
import { CliFailure, EXIT_CODES, ProgramEnded } from './failures/failure';
import { Output } from './output/output';

const { version: VERSION } = JSON.parse(
  readFileSync(join(__dirname, '..', 'package.json'), 'utf8'),
) as { version: string };

const HELP_HINT = 'remote-access help shows the commands';

/**
 * The whole command line.
 *
 * @param isJson leaves errors of the command line to the caller, instead of printing them as text
 */
export function createProgram(surroundings: Surroundings, isJson = false): Command {
  const program = new Command('remote-access')
    .description('Remote access to machines behind Cumulocity gateways.')
    .option('-p, --profile <name>', 'use this profile')
    .option('--json', 'print results and errors as JSON')
    .option('-q, --quiet', 'print results and problems only')
    .option('--no-input', 'never prompt')
    .option('--accept-notice', "accept the administrator's notice without being asked")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: text => surroundings.streams.stdout.write(text),
      writeErr: text => isJson || surroundings.streams.stderr.write(text),
    })
    .showHelpAfterError(`(${HELP_HINT})`);
  addSignInCommands(program, surroundings);
  addListCommands(program, surroundings);
  addTunnelCommands(program, surroundings);
  addSshCommands(program, surroundings);
  addDesktopCommands(program, surroundings);
  addTransferCommands(program, surroundings);
  addSshConfigCommand(program, surroundings);
  addCompletionCommands(program, surroundings);
  program.hook('preAction', (_program, command) => {
    const takesForeignArgs = ['ssh', 'scp', 'complete'].includes(command.name());
    if (surroundings.foreignArgs.length === 0 || takesForeignArgs) return;
    throw new CliFailure('usage', `${command.name()} runs no program that could take "-- …".`);
  });
  return program;
}

/**
 * Runs one command.
 *
 * @param args the arguments, without the program's own name
 * @returns the exit code
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const isJson = args.includes('--json');
  const program = createProgram(surroundings, isJson);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT_CODES.done;
  } catch (cause) {
    if (cause instanceof ProgramEnded) return cause.exitCode;
    if (cause instanceof CommanderError) {
      // Help and version are not failures; commander has already printed any other error as text.
      if (cause.exitCode === 0) return EXIT_CODES.done;
      if (!isJson) return EXIT_CODES.usage;
    }
    const failure = failureOf(cause);
    new Output(surroundings.streams, isJson, false).failure(failure);
    return failure.exitCode;
  }
}

function failureOf(cause: unknown): CliFailure {
  if (cause instanceof CliFailure) return cause;
  if (cause instanceof CommanderError) {
    const message =
      cause.code === 'commander.help' ? 'The command is missing.' : usageText(cause.message);
    return new CliFailure('usage', message, { hint: HELP_HINT });
  }
  const { message, stack = message } = cause as Error;
  return new CliFailure('unexpected', stack, { cause });
}

/** `error: unknown command 'lss'\n(Did you mean ls?)` in one line. */
function usageText(message: string): string {
  return message.replace(/^error: /, '').replaceAll('\n', ' ');
}
