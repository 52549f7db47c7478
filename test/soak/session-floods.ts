import { once } from 'node:events';
import { SUBPROTOCOLS, parseServerMessage, type ClientMessage } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { basic } from '../fixtures/stack';
import { type Flood, Repetition, type Victim } from './flood';

/** Where misbehaving clients connect, and as which user. */
export interface Sessions {
  readonly user: string;
  readonly endpointId: string;
  readonly count: number;
}

export interface Misuse {
  /** Whether the client speaks `remoteaccess.v1`; otherwise it exchanges bytes only. */
  readonly hasMessages?: boolean;
  /** Called when a session is open. */
  readonly onOpen?: (socket: WebSocket) => void;
  /** Sends something; called repeatedly while the service accepts it. Returns how often it did. */
  readonly send?: (socket: WebSocket) => number;
}

/** The delay before a refused or ended client returns. */
const AGAIN_MS = 500;

/** The period of sending, as long as the service accepts more. */
const TURN_MS = 10;
const MAX_WAITING_BYTES = 256 * 1024;

/** Keeps sessions open and misuses them. */
export class SessionFlood implements Flood {
  private readonly attempts: Repetition;
  private readonly sockets = new Set<WebSocket>();
  /** The clients whose session is open. */
  private readonly open = new Set<WebSocket>();
  private readonly turns: NodeJS.Timeout | undefined;
  private opened = 0;
  private sent = 0;

  constructor(
    readonly name: string,
    { serviceUrl, device }: Victim,
    private readonly sessions: Sessions,
    misuse: Misuse,
  ) {
    const { user, endpointId, count } = sessions;
    const url = `${serviceUrl}/client/${device}/configurations/${endpointId}`;
    const protocol = misuse.hasMessages ? SUBPROTOCOLS.v1 : SUBPROTOCOLS.raw;
    this.attempts = new Repetition(name, 'attempts', count, AGAIN_MS, async () => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'), protocol, {
        headers: { authorization: basic(user) },
        perMessageDeflate: false,
      });
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      const start = (): void => {
        this.opened += 1;
        this.open.add(socket);
        misuse.onOpen?.(socket);
      };
      if (misuse.hasMessages) onceOpen(socket, start);
      else socket.once('open', start);
      await closed;
      this.sockets.delete(socket);
      this.open.delete(socket);
    });
    const { send } = misuse;
    if (!send) return;
    this.turns = setInterval(() => {
      for (const socket of this.open) {
        if (socket.bufferedAmount < MAX_WAITING_BYTES) this.sent += send(socket);
      }
    }, TURN_MS);
  }

  get amount(): string {
    const sent = this.sent > 0 ? `, ${this.sent} messages` : '';
    return `${this.opened} sessions${sent}`;
  }

  /** Resolves when all of them are open. */
  async allOpen(): Promise<void> {
    await waitUntil(
      `"${this.name}" has ${this.sessions.count} sessions`,
      () => this.open.size === this.sessions.count,
      30_000,
    );
  }

  stop(): void {
    this.attempts.stop();
    clearInterval(this.turns);
    for (const socket of this.sockets) socket.terminate();
  }
}

/** Calls back when the far end has signed the client in. */
function onceOpen(socket: WebSocket, listener: () => void): void {
  socket.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? undefined : parseServerMessage(data.toString());
    if (message?.type === 'status' && message.step === 'open') listener();
  });
}

const PER_TURN = 100;

/** Text frames, as fast as they are accepted. */
export function textFrames(
  ...kinds: readonly ((turn: number) => ClientMessage)[]
): Required<Misuse>['send'] {
  let turn = 0;
  return socket => {
    for (let count = 0; count < PER_TURN; count += 1) {
      turn += 1;
      socket.send(JSON.stringify(kinds[turn % kinds.length]!(turn)));
    }
    return PER_TURN;
  };
}

/** Binary frames of one byte, as fast as they are accepted. */
export function oneByteFrames(socket: WebSocket): number {
  const byte = Buffer.of(0x61);
  for (let count = 0; count < PER_TURN; count += 1) socket.send(byte);
  return PER_TURN;
}

/** A message of the largest permitted size without its last byte. */
const UNFINISHED = Buffer.alloc(1024 * 1024 - 1);

export function unfinishedMessage(socket: WebSocket): void {
  socket.send(UNFINISHED, { fin: false });
}
