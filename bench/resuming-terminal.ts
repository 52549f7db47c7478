import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  parseServerMessage,
  resumeOffer,
  SUBPROTOCOLS,
  type ClientMessage,
  type Endpoint,
  type ResumeRequest,
  type ServerMessage,
  type Ticket,
} from '@remote-access/contracts';
import type { LocalStack } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import type { Terminal } from './terminal';

const USER = 'operator';

/** With a request for a ticket first, or at once with the cookie of the sign-in. */
export type ResumeWay = 'ticket' | 'cookie';

interface SignedIn {
  readonly cookie: string;
  readonly xsrfToken: string;
}

const newKey = (): string => randomBytes(32).toString('base64url');

/** What the page renders between two acknowledgements. */
const ACK_EVERY_BYTES = 32 * 1024;

/** Counts output and acknowledges it as the page does. */
export class DrawnOutput {
  private drawnBytes = 0;
  private acknowledgedBytes = 0;

  constructor(private readonly send: (message: ClientMessage) => void) {}

  get bytes(): number {
    return this.drawnBytes;
  }

  /** On a new connection: what follows begins at this offset. */
  report(bytes = this.drawnBytes): void {
    this.drawnBytes = bytes;
    this.acknowledgedBytes = bytes;
    this.send({ type: 'ack', bytes });
  }

  add(bytes: number): void {
    this.drawnBytes += bytes;
    if (this.drawnBytes - this.acknowledgedBytes >= ACK_EVERY_BYTES) this.report();
  }
}

/**
 * A terminal that behaves like the page: it acknowledges what it renders, and resumes its session.
 */
export class ResumingTerminal implements Terminal {
  sessionId = '';
  private key = newKey();
  private readonly output = new DrawnOutput(message => this.send(message));
  private socket!: WebSocket;
  private listener: (chunk: Buffer) => void = () => undefined;
  private waiting: { type: ServerMessage['type']; resolve: () => void } | undefined;

  private constructor(
    private readonly stack: LocalStack,
    private readonly path: string,
    private readonly signedIn: SignedIn,
  ) {}

  /** Resolves when the session can be resumed. */
  static async open(stack: LocalStack, { id }: Endpoint): Promise<ResumingTerminal> {
    const path = `/service/remoteaccess/client/1001/configurations/${id}`;
    const terminal = new ResumingTerminal(stack, path, await signIn(stack));
    const kept = terminal.message('kept');
    await terminal.connect({});
    terminal.send({ type: 'keep', key: terminal.key });
    await kept;
    return terminal;
  }

  /** Breaks the connection without a close frame. */
  async cut(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.terminate();
    await closed;
  }

  /** Resolves when the service has resumed the session. */
  async resume(way: ResumeWay): Promise<void> {
    const { sessionId, key } = this;
    const output = this.output.bytes;
    const next = newKey();
    const resumed = this.message('resumed');
    const request = { sessionId, keys: [key], next, output };
    if (way === 'ticket') await this.connect({ resume: request });
    else await this.connectWithCookie(request);
    this.key = next;
    await resumed;
  }

  /** Announces that it shows who is watching; its screen is empty. */
  beWatchable(): void {
    this.send({ type: 'watchable' });
  }

  type(text: string): void {
    this.socket.send(Buffer.from(text));
  }

  close(): void {
    this.send({ type: 'disconnect' });
  }

  onOutput(listener: (chunk: Buffer) => void): void {
    this.listener = listener;
  }

  private message(type: ServerMessage['type']): Promise<void> {
    return new Promise(resolve => (this.waiting = { type, resolve }));
  }

  private send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  private async connect(body: object): Promise<void> {
    const { stack, path } = this;
    const init = { method: 'POST', body: JSON.stringify(body) };
    const answer = await stack.fetch(`${path}/tickets`, USER, init);
    if (!answer.ok) throw new Error(await answer.text());
    const { ticket } = (await answer.json()) as Ticket;
    await this.openSocket(`?ticket=${ticket}`, [SUBPROTOCOLS.v1]);
  }

  private async connectWithCookie(request: ResumeRequest): Promise<void> {
    const { cookie, xsrfToken } = this.signedIn;
    const query = new URLSearchParams({ 'XSRF-TOKEN': xsrfToken });
    await this.openSocket(`/resume?${query}`, [SUBPROTOCOLS.v1, resumeOffer(request)], { cookie });
  }

  private async openSocket(
    suffix: string,
    protocols: string[],
    headers: Record<string, string> = {},
  ): Promise<void> {
    const url = this.stack.url.replace(/^http/, 'ws') + this.path + suffix;
    const socket = new WebSocket(url, protocols, { perMessageDeflate: false, headers });
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.draw(data);
      else this.hear(parseServerMessage(data.toString()));
    });
    await once(socket, 'open');
    this.output.report();
  }

  private draw(data: Buffer): void {
    this.output.add(data.length);
    this.listener(data);
  }

  private hear(message: ServerMessage | undefined): void {
    if (message?.type === 'kept') this.sessionId = message.sessionId;
    if (message?.type === 'screen-wanted') {
      const { id } = message;
      this.send({ type: 'screen', id, output: this.output.bytes, cols: 80, rows: 24, data: '' });
    }
    if (this.waiting?.type === message?.type) this.waiting?.resolve();
  }
}

/** As the sign-in page does (OAI-Secure). */
async function signIn({ url, description: { password } }: LocalStack): Promise<SignedIn> {
  const body = new URLSearchParams({ grant_type: 'PASSWORD', username: USER, password });
  const answer = await fetch(`${url}/tenant/oauth?tenant_id=t1001`, { method: 'POST', body });
  const cookies = answer.headers.getSetCookie().map(cookie => cookie.split(';', 1)[0]!);
  const [, xsrfToken = ''] = /XSRF-TOKEN=(.*)/.exec(cookies.join('\n')) ?? [];
  return { cookie: cookies.join('; '), xsrfToken };
}
