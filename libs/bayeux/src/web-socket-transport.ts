import { once } from 'node:events';
import { createRequire } from 'node:module';
import { startHeartbeat } from '@remote-access/streams';
import type { WebSocket } from 'ws';
import { areMessages } from './are-messages';
import { BayeuxError, type BayeuxMessage, type BayeuxTransport } from './bayeux-session';

/** Loaded with the first connection: programs that only use long polling do without its 5 MiB. */
type WebSocketModule = typeof import('ws');

/** An unanswered ping reveals a connection that a router has dropped. */
const PING_PERIOD_MS = 30_000;

const OPEN_TIMEOUT_MS = 5_000;

/** Real-time notifications are small. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

export interface WebSocketAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Unanswered {
  readonly message: BayeuxMessage;
  readonly resolve: (answer: BayeuxMessage) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * All messages over one WebSocket. The server delivers at any time, not only in response to a
 * connect.
 */
export class WebSocketTransport implements BayeuxTransport {
  readonly connectionType = 'websocket';
  private readonly socket: WebSocket;
  private readonly closed = new AbortController();
  private readonly unanswered = new Set<Unanswered>();

  /** @param receive called with each message on a subscribed channel */
  constructor(
    { url, headers }: WebSocketAddress,
    private readonly receive: (message: BayeuxMessage) => void,
  ) {
    const { WebSocket: Socket } = createRequire(__filename)('ws') as WebSocketModule;
    this.socket = new Socket(url, {
      headers,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: OPEN_TIMEOUT_MS,
    });
    this.socket.on('message', data => this.receiveText((data as Buffer).toString('utf8')));
    this.socket.on('error', cause => this.close(cause));
    this.socket.once('close', () => this.close(new Error('the connection was closed')));
  }

  get signal(): AbortSignal {
    return this.closed.signal;
  }

  /** Waits until the WebSocket is open. */
  async open(): Promise<void> {
    await once(this.socket, 'open', { signal: this.signal });
    const stopHeartbeat = startHeartbeat(
      { socket: this.socket },
      {
        periodMs: PING_PERIOD_MS,
        maxUnanswered: 1,
        expectsPong: true,
        pings: 'always',
        onDead: () => this.close(new Error('the platform did not answer a ping')),
      },
    );
    this.signal.addEventListener('abort', stopHeartbeat, { once: true });
  }

  send(message: BayeuxMessage): Promise<BayeuxMessage> {
    this.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.unanswered.add({ message, resolve, reject });
      this.socket.send(JSON.stringify([message]));
    });
  }

  /** @param cause what pending calls are rejected with, unless there was an earlier cause */
  close(cause: unknown = new Error('the connection is no longer needed')): void {
    if (this.signal.aborted) return;
    this.closed.abort(cause);
    this.socket.terminate();
    for (const { reject } of this.unanswered) reject(cause);
    this.unanswered.clear();
  }

  private receiveText(text: string): void {
    const messages = messagesIn(text);
    if (!messages) return this.close(new BayeuxError('the platform does not speak Bayeux'));
    for (const message of messages) {
      if (message.channel.startsWith('/meta/')) this.receiveAnswer(message);
      else this.receive(message);
    }
  }

  private receiveAnswer(answer: BayeuxMessage): void {
    const answered = [...this.unanswered].find(({ message }) => isAnswerTo(message, answer));
    if (answered) {
      this.unanswered.delete(answered);
      answered.resolve(answer);
    } else if (answer.successful !== true) {
      this.close(new BayeuxError(`${answer.channel} failed: ${answer.error ?? ''}`, answer));
    }
  }
}

/** Servers may omit the id. */
function isAnswerTo(message: BayeuxMessage, { channel, id, subscription }: BayeuxMessage): boolean {
  if (id !== undefined) return id === message.id;
  return (
    channel === message.channel && (subscription ?? message.subscription) === message.subscription
  );
}

function messagesIn(text: string): BayeuxMessage[] | undefined {
  try {
    const messages: unknown = JSON.parse(text);
    return areMessages(messages) ? messages : undefined;
  } catch {
    return undefined;
  }
}
