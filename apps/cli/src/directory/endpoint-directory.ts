import { type Endpoint, type EndpointBody, printable } from '@remote-access/contracts';
import {
  CONFIGURE_ROLES,
  type CurrentUser,
  missingRoles,
  ROLE_WORDS,
} from '@remote-access/contracts/platform';
import { CliFailure } from '../failures/failure';
import type { Questions } from '../output/questions';
import { type PlatformClient, SERVICE } from '../platform/platform-client';
import type { Gateway } from './gateway-directory';
import type { Purpose } from './purposes';

export interface AddingEndpoints {
  readonly questions: Questions;
  /** Adds an endpoint without asking. */
  readonly isAgreed: boolean;
  readonly note: (text: string) => void;
}

/** The endpoints of gateways, and which of them meet the requirements of a command. */
export class EndpointDirectory {
  constructor(private readonly client: PlatformClient) {}

  list(gateway: Gateway): Promise<Endpoint[]> {
    return this.client.json('GET', pathOf(gateway), 'The endpoints cannot be read');
  }

  /**
   * @param text a name or an id; `undefined` for the only endpoint that meets the requirements
   * @returns the endpoint to connect to, and the one that was named if it is another: an SSH
   *   endpoint
   *   stands for the PASSTHROUGH endpoint of the same server
   */
  async choose(
    gateway: Gateway,
    text: string | undefined,
    purpose: Purpose,
    adding: AddingEndpoints,
  ): Promise<{ endpoint: Endpoint; named: Endpoint }> {
    const endpoints = await this.list(gateway);
    const named =
      text === undefined ? onlyOne(gateway, endpoints, purpose) : byText(gateway, endpoints, text);
    if (purpose.protocols.includes(named.protocol)) return { endpoint: named, named };
    const sameServer = endpoints.find(
      ({ protocol, hostname, port }) =>
        purpose.protocols.includes(protocol) && hostname === named.hostname && port === named.port,
    );
    return { endpoint: sameServer ?? (await this.add(gateway, named, purpose, adding)), named };
  }

  /** Adds a PASSTHROUGH endpoint for the server of another endpoint, if the user may and agrees. */
  private async add(
    gateway: Gateway,
    named: Endpoint,
    { command, protocols }: Purpose,
    { questions, isAgreed, note }: AddingEndpoints,
  ): Promise<Endpoint> {
    const name = printable(named.name);
    const server = `${printable(named.hostname)}:${named.port}`;
    const reason =
      `${command} needs an endpoint of type ${protocols.join(' or ')}. ` +
      `"${name}" is of type ${named.protocol}, and there is no other for ${server}.`;
    if (!protocols.includes('PASSTHROUGH')) throw new CliFailure('unsuitable', reason);
    const missing = await this.missingToConfigure();
    if (missing.length > 0) {
      const words = missing.map(role => ROLE_WORDS[role] ?? role).join(' and ');
      const message = `${reason} You may not add one: you need the permission ${words}.`;
      const hint = 'Ask your administrator for the permission or the endpoint.';
      throw new CliFailure(isAgreed ? 'forbidden' : 'unsuitable', message, { hint });
    }
    if (!isAgreed && !questions.canAsk) {
      const hint = 'Run the command with --add to add one.';
      throw new CliFailure('unsuitable', reason, { hint });
    }
    const body: EndpointBody = {
      name: `${named.name} (TCP)`,
      hostname: named.hostname,
      port: named.port,
      protocol: 'PASSTHROUGH',
    };
    if (!isAgreed) {
      const question = `${reason}\nAdd the endpoint "${name} (TCP)" for ${server}?`;
      if (!(await questions.confirm(question))) throw new CliFailure('unsuitable', reason);
    }
    const what = 'The endpoint cannot be added';
    const added = await this.client.json<Endpoint>('POST', pathOf(gateway), what, { json: body });
    note(`Added the endpoint "${printable(added.name)}" for ${server}.`);
    return added;
  }

  private async missingToConfigure(): Promise<string[]> {
    const what = 'Your permissions cannot be read';
    const user = await this.client.json<CurrentUser>('GET', '/user/currentUser', what);
    const roles = user.effectiveRoles.map(({ name }) => name);
    return missingRoles(roles, user.devicePermissions ?? {}, CONFIGURE_ROLES);
  }
}

function pathOf({ id }: Gateway): string {
  return `${SERVICE}/devices/${encodeURIComponent(id)}/configurations`;
}

function byText(gateway: Gateway, endpoints: readonly Endpoint[], text: string): Endpoint {
  const lower = text.toLowerCase();
  const attempts: ((one: Endpoint) => boolean)[] = [
    one => one.name === text,
    one => one.id === text,
    one => one.name.toLowerCase() === lower,
  ];
  for (const attempt of attempts) {
    const found = endpoints.filter(attempt);
    if (found.length === 1) return found[0]!;
    if (found.length > 1) {
      const ids = found.map(({ id }) => id).join(', ');
      const message = `Several endpoints are named "${printable(text)}": ${ids}.`;
      throw new CliFailure('not-found', message, { hint: 'Use the id.' });
    }
  }
  const message = `"${printable(gateway.name)}" has no endpoint "${printable(text)}".`;
  throw new CliFailure('not-found', message, { hint: namesOf(endpoints) });
}

/**
 * An SSH endpoint counts as suitable for ssh, because the PASSTHROUGH endpoint of its server can be
 * added.
 */
function onlyOne(
  gateway: Gateway,
  endpoints: readonly Endpoint[],
  { command, protocols, preferredPorts = [] }: Purpose,
): Endpoint {
  const suitable = endpoints.filter(({ protocol }) => protocols.includes(protocol));
  const preferred = suitable.filter(({ port }) => preferredPorts.includes(port));
  for (const found of [suitable, preferred]) {
    if (found.length === 1) return found[0]!;
  }
  const name = printable(gateway.name);
  if (suitable.length === 0) {
    const message = `"${name}" has no endpoint of type ${protocols.join(' or ')}, which ${command} needs.`;
    throw new CliFailure('unsuitable', message, { hint: namesOf(endpoints) });
  }
  throw new CliFailure('usage', `"${name}" has several endpoints for ${command}: name one.`, {
    hint: namesOf(suitable),
  });
}

function namesOf(endpoints: readonly Endpoint[]): string {
  if (endpoints.length === 0) return 'It has no endpoints.';
  const shown = endpoints
    .slice(0, 10)
    .map(({ name, protocol }) => `"${printable(name)}" (${protocol})`);
  const more = endpoints.length - shown.length;
  return `Its endpoints: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}
