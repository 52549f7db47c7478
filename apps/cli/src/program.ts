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

const { version: VERSION } = JSON.parse(
  readFileSync(join(__dirname, '..', 'package.json'), 'utf8'),
) as { version: string };

/** The whole command line. */
export function createProgram(surroundings: Surroundings): Command {
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
      writeErr: text => surroundings.streams.stderr.write(text),
    })
    .showHelpAfterError('(remote-access help shows the commands)');
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
  const { stderr } = surroundings.streams;
  const program = createProgram(surroundings);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT_CODES.done;
  } catch (cause) {
    if (cause instanceof ProgramEnded) return cause.exitCode;
    if (cause instanceof CommanderError) {
      // Help and version are not failures; commander has already printed any other error.
      return cause.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
    }
    const failure = failureOf(cause);
    if (args.includes('--json')) {
      const { kind, message, hint, code } = failure;
      stderr.write(`${JSON.stringify({ error: kind, message, hint, code })}\n`);
    } else {
      stderr.write(`${failure.message}\n`);
      if (failure.hint !== undefined) stderr.write(`${failure.hint}\n`);
    }
    return failure.exitCode;
  }
}

function failureOf(cause: unknown): CliFailure {
  if (cause instanceof CliFailure) return cause;
  const { message, stack = message } = cause as Error;
  return new CliFailure('unexpected', stack, { cause });
}
