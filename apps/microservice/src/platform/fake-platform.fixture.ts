import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = object | number | ((request: IncomingMessage, response: ServerResponse) => void);

/** A platform that answers as a test specifies: with a body, a status, or a function. */
export class FakePlatform {
  readonly requests: string[] = [];
  private readonly answers = new Map<string, Answer>();
  private readonly server = createServer((request, response) => this.handle(request, response));
  private heard = (): void => undefined;

  static async start(): Promise<FakePlatform> {
    const platform = new FakePlatform();
    platform.server.listen(0, '127.0.0.1');
    await once(platform.server, 'listening');
    return platform;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @param call method and path, e.g. `GET /user/currentUser` */
  answer(call: string, answer: Answer): void {
    this.answers.set(call, answer);
  }

  /** Resolves when the next request has been answered. */
  async nextRequest(): Promise<void> {
    await new Promise<void>(resolve => (this.heard = resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const call = `${request.method} ${request.url}`;
    this.requests.push(call);
    const answer = this.answers.get(call) ?? 404;
    if (typeof answer === 'function') answer(request, response);
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(JSON.stringify(answer));
    this.heard();
  }
}
