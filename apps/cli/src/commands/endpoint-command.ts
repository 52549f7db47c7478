import type { Command } from 'commander';
import type { ForwarderEvents } from '../tunnel/forwarder';
import { type ConnectOptions, Context, type Surroundings } from './context';

/** The arguments of a command that names an endpoint of a gateway. */
export interface EndpointRequest<Options> {
  readonly context: Context;
  /** Id, serial number or name, as the user typed it. */
  readonly gateway: string;
  /** Name or id. */
  readonly endpoint: string | undefined;
  /** Further arguments. */
  readonly others: readonly string[];
  readonly options: Options;
}

/**
 * Declares a command whose first arguments name an endpoint.
 *
 * @param isRequired whether the endpoint must be given even if there is only one candidate
 */
export function endpointCommand(program: Command, name: string, isRequired = false): Command {
  return program
    .command(name)
    .argument('<gateway>', 'id, serial number or name')
    .argument(
      isRequired ? '<endpoint>' : '[endpoint]',
      isRequired ? 'name or id' : 'name or id; may be omitted if only one is possible',
    )
    .option('--add', 'add a PASSTHROUGH endpoint for the server if there is none, without asking');
}

/** Adds the option for the number of connections per session, for commands that open many. */
export function withMultiplexing(command: Command): Command {
  return command
    .option(
      '--multiplex',
      "carry all connections in one session, even if the gateway's agent is not known to support it; " +
        'an agent that does not support it passes the request for it on to the endpoint',
    )
    .option('--no-multiplex', 'open a session for each connection');
}

/** The action of such a command. */
export function endpointAction<Options extends ConnectOptions>(
  surroundings: Surroundings,
  run: (request: EndpointRequest<Options>) => Promise<void>,
): (...details: unknown[]) => Promise<void> {
  return (...details) => {
    const command = details.at(-1) as Command;
    const [gateway, endpoint, others = []] = command.processedArgs as [
      string,
      string | undefined,
      string[] | undefined,
    ];
    const options = command.optsWithGlobals<Options>();
    return run({ context: Context.of(command, surroundings), gateway, endpoint, others, options });
  };
}

/** Reports failed connections, for commands with another program in the foreground. */
export function failuresTo({ output }: Context): ForwarderEvents {
  return {
    onClosed: (_connection, _traffic, failure) => {
      if (failure) output.failure(failure);
    },
    onRefused: failure => output.failure(failure),
  };
}
