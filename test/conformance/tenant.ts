import { randomUUID } from 'node:crypto';
import type { Endpoint } from '@remote-access/contracts';
import { basic, PASSWORD, Stack } from '../fixtures/stack';

const VARIABLES = [
  'CONFORMANCE_URL',
  'CONFORMANCE_USER',
  'CONFORMANCE_PASSWORD',
  'CONFORMANCE_DEVICE',
] as const;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON, or `undefined` for a response without a body. */
  readonly body: any;
}

/**
 * The tenant under test: on the local platform, or any that the environment names.
 * Endpoints get unique names and are removed again; nothing else is touched.
 */
export class Tenant {
  /** Stops everything that was started for the tests. */
  readonly leave: () => Promise<void>;
  private readonly made = new Set<string>();
  private readonly run = randomUUID().slice(0, 8);

  private constructor(
    private readonly url: string,
    private readonly authorization: string,
    readonly device: string,
    stack?: Stack,
  ) {
    this.leave = async () => {
      await this.tidy();
      await stack?.stop();
    };
  }

  /** @throws Error if only some of the variables are set */
  static async enter(): Promise<Tenant> {
    const [url, user, password, device] = VARIABLES.map(name => process.env[name]);
    if (url && user && password && device) {
      return new Tenant(url, basic(user, password), device);
    }
    const given = VARIABLES.filter(name => process.env[name]);
    if (given.length > 0) throw new Error(`Set all of ${VARIABLES.join(', ')}, or none`);
    const stack = await Stack.start({ agent: false, asHosted: true });
    return new Tenant(stack.emulator.url, basic('t1001/engineer', PASSWORD), '1002', stack);
  }

  get list(): string {
    return `/service/remoteaccess/devices/${this.device}/configurations`;
  }

  /** A name that no other endpoint has. */
  name(text: string): string {
    return `conformance ${this.run} ${text}`;
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const hasBody = body !== undefined;
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        authorization: this.authorization,
        accept: 'application/json',
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
      },
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }

  async create(body: object): Promise<Endpoint> {
    const answer = await this.call('POST', this.list, body);
    if (answer.status !== 201) {
      throw new Error(`POST answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    const endpoint = answer.body as Endpoint;
    this.made.add(endpoint.id);
    return endpoint;
  }

  async remove(id: string): Promise<Answer> {
    this.made.delete(id);
    return this.call('DELETE', `${this.list}/${id}`);
  }

  async tidy(): Promise<void> {
    for (const id of [...this.made]) await this.remove(id);
  }
}
