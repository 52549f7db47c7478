import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { EndpointDirectory } from '../directory/endpoint-directory';
import { GatewayDirectory, type Gateway } from '../directory/gateway-directory';
import { type ConnectCommand, purposeOf } from '../directory/purposes';
import { Output, type OutputStreams } from '../output/output';
import { type Questions, TerminalQuestions } from '../output/questions';
import { PlatformClient } from '../platform/platform-client';
import { Profiles } from '../profiles/profiles';
import { SecretStore } from '../profiles/secret-store';
import { Account } from '../sign-in/account';
import { Connector } from '../tunnel/connector';
import { Notice } from '../tunnel/ticket-client';

/** What a command uses of the process and its environment. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  readonly streams: OutputStreams;
  /** The arguments after `--`, for the program that is run. */
  readonly foreignArgs: readonly string[];
  /**
   * Resolves when the user or the system asks the command to end. Until this is called, signals end
   * the process.
   */
  readonly interrupted: () => Promise<void>;
  readonly questions?: Questions;
}

/** Options that every command has. */
export interface GlobalOptions {
  readonly profile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly input: boolean;
  readonly acceptNotice?: boolean;
}

/** The options of commands that connect. */
export interface ConnectOptions extends GlobalOptions {
  readonly add?: boolean;
}

/** Shared by the commands of one run. */
export class Context {
  readonly output: Output;
  readonly questions: Questions;
  readonly profiles: Profiles;
  readonly secrets = new SecretStore();

  constructor(
    readonly surroundings: Surroundings,
    readonly options: GlobalOptions,
  ) {
    const { json = false, quiet = false, input } = options;
    this.output = new Output(surroundings.streams, json, quiet);
    this.questions = surroundings.questions ?? new TerminalQuestions(input);
    this.profiles = new Profiles(surroundings.env);
  }

  static of(command: Command, surroundings: Surroundings): Context {
    return new Context(surroundings, command.optsWithGlobals());
  }

  get env(): NodeJS.ProcessEnv {
    return this.surroundings.env;
  }

  async client(): Promise<PlatformClient> {
    const { env, profiles, secrets, questions } = this;
    const profileName = this.options.profile;
    return new PlatformClient(
      await Account.open({ env, profileName, profiles, secrets, questions }),
    );
  }

  /** Finds the gateway and endpoint of a command, and checks that the user may connect. */
  async connector(
    gatewayText: string,
    endpointText: string | undefined,
    command: ConnectCommand,
    { add = false }: ConnectOptions,
  ): Promise<{ connector: Connector; named: Connector['endpoint'] }> {
    const client = await this.client();
    const gateway = await new GatewayDirectory(client).find(gatewayText);
    const note = (text: string): void => this.output.note(text);
    const { endpoint, named } = await new EndpointDirectory(client).choose(
      gateway,
      endpointText,
      purposeOf(command),
      { questions: this.questions, isAgreed: add, note },
    );
    const notice = new Notice(this.questions, this.options.acceptNotice ?? false);
    const connector = new Connector(client, gateway, endpoint, notice, note);
    await connector.check();
    return { connector, named };
  }

  async gateway(text: string): Promise<{ client: PlatformClient; gateway: Gateway }> {
    const client = await this.client();
    return { client, gateway: await new GatewayDirectory(client).find(text) };
  }
}

/** The command that runs this program again. */
export const OWN_COMMAND: readonly string[] = [process.execPath, join(__dirname, '..', 'main.js')];
