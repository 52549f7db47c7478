import { Argument, type Command } from 'commander';
import { candidatesFor, type NameSource } from '../completion/candidates';
import { EndpointDirectory } from '../directory/endpoint-directory';
import { GatewayDirectory } from '../directory/gateway-directory';
import { CliFailure } from '../failures/failure';
import { Context, type Surroundings } from './context';

/** Shells that completion can be installed in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * Each script passes the words up to the cursor and reads one candidate per line. Candidates can be
 * names of devices, so each shell quotes them when it inserts them. If there are no candidates,
 * file names are completed.
 */
export const SHELL_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_remote_access() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    [[ -n $candidate ]] && COMPREPLY+=("$(printf '%q' "$candidate")")
  done < <(remote-access complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _remote_access remote-access
`,
  zsh: `#compdef remote-access
_remote_access() {
  local -a candidates
  candidates=("\${(@f)$(remote-access complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(\${candidates:#})
  if (( \${#candidates} )); then
    compadd -a candidates
  else
    _files
  fi
}
compdef _remote_access remote-access
`,
  fish: `complete -c remote-access -f -a '(remote-access complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
complete -c remote-access -n '__fish_seen_subcommand_from scp import' -F
`,
};

/** Completion of commands, options, and the names of gateways and endpoints. */
export function addCompletionCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('completion')
    .summary('print the completion for a shell')
    .description(
      'Prints the completion for bash, zsh or fish. Names of gateways and endpoints are completed ' +
        'if commands can sign in without prompting. In bash: source <(remote-access completion bash)',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => {
      surroundings.streams.stdout.write(SHELL_SCRIPTS[shell]);
    });

  program
    .command('complete', { hidden: true })
    .action(async (_options: unknown, command: Command) => {
      const { foreignArgs, streams } = surroundings;
      const asking = { ...command.optsWithGlobals(), input: false, ...profileIn(foreignArgs) };
      const names = new PlatformNames(new Context(surroundings, asking));
      for (const word of await candidatesFor(program, foreignArgs, names)) {
        streams.stdout.write(`${word}\n`);
      }
    });
}

class PlatformNames implements NameSource {
  constructor(private readonly context: Context) {}

  async gateways(): Promise<string[]> {
    return this.unlessRefused(async () => {
      const gateways = await new GatewayDirectory(await this.context.client()).list(true);
      return gateways.map(({ name, id }) => name || id);
    });
  }

  async endpoints(text: string): Promise<string[]> {
    return this.unlessRefused(async () => {
      const { client, gateway } = await this.context.gateway(text);
      const endpoints = await new EndpointDirectory(client).list(gateway);
      return endpoints.map(({ name }) => name);
    });
  }

  profiles(): string[] {
    return this.context.profiles.list().map(({ name }) => name);
  }

  /** Errors are swallowed: a message would appear in the middle of the line being typed. */
  private async unlessRefused(names: () => Promise<string[]>): Promise<string[]> {
    try {
      return await names();
    } catch (cause) {
      if (cause instanceof CliFailure) return [];
      throw cause;
    }
  }
}

function profileIn(words: readonly string[]): { profile?: string } {
  const at = words.findIndex(word => word === '-p' || word === '--profile');
  const profile = at < 0 ? undefined : words[at + 1];
  return profile ? { profile } : {};
}
