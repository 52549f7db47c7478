import {
  parseServerMessage,
  SUBPROTOCOLS,
  type ClientMessage,
  type ClosingMessage,
  type EndedMessage,
  type ScreenMessage,
  type SizeMessage,
  type WatchingMessage,
} from '@remote-access/contracts';
import { FlowControl } from '../session/connection/flow-control';
import type { SessionTicket } from '../session/connection/ticket-client';
import { Refusal } from '../ui/refusal';
import { gettext, type Message } from '../ui/message';
import { serviceMessage } from '../ui/service-sentences';

const LOST: Message = { text: gettext('The connection was lost.') };

export interface WatchLinkOptions {
  requestTicket(): Promise<Pick<SessionTicket, 'ticket'> | Refusal>;
  openSocket(ticket: string, subprotocol: string): WebSocket;
  screen(message: ScreenMessage): void;
  size(message: SizeMessage): void;
  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  changed(state: WatchingMessage): void;
  /** Watching will end, because the service is being restarted. */
  closing(message: ClosingMessage): void;
  /** Watching is over, for this reason. */
  ended(reason: Message): void;
}

/** Shows another user's terminal: a screen, and the output that follows. */
export class WatchLink {
  private socket: WebSocket | undefined;
  private flow = new FlowControl(() => undefined);
  private isOver = false;

  constructor(private readonly options: WatchLinkOptions) {}

  async open(): Promise<void> {
    const ticket = await this.options.requestTicket();
    if (this.isOver) return;
    if (ticket instanceof Refusal) return this.end(ticket.message);
    const socket = this.options.openSocket(ticket.ticket, SUBPROTOCOLS.v1);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.isOver) return;
      if (typeof data === 'string') this.receive(data);
      else this.draw(new Uint8Array(data));
    };
    socket.onclose = ({ reason }) => this.end(reason ? { text: reason } : LOST);
  }

  /** Has an effect only while the session's user has handed over the keyboard. */
  type(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(bytes);
  }

  close(): void {
    this.isOver = true;
    this.socket?.close(1000);
  }

  private receive(text: string): void {
    const message = parseServerMessage(text);
    switch (message?.type) {
      case 'watching':
        return this.options.changed(message);
      case 'screen':
        return this.show(message);
      case 'size':
        return this.options.size(message);
      case 'closing':
        return this.options.closing(message);
      case 'ended':
        return this.end(serviceMessage((message satisfies EndedMessage).text));
      default:
    }
  }

  private show(message: ScreenMessage): void {
    const flow: FlowControl = new FlowControl(bytes => {
      if (flow === this.flow) this.send({ type: 'ack', bytes });
    });
    flow.continueAt(message.output);
    this.flow = flow;
    this.options.screen(message);
  }

  private draw(bytes: Uint8Array<ArrayBuffer>): void {
    const { flow } = this;
    flow.received(bytes.length);
    this.options.draw(bytes, () => flow.hasDrawn(bytes.length));
  }

  private send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private end(reason: Message): void {
    if (this.isOver) return;
    this.close();
    this.options.ended(reason);
  }
}
