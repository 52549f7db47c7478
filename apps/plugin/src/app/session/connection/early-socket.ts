/**
 * A WebSocket that opens before the page of its session exists. Its events wait for the page, in
 * their order.
 */
export class EarlySocket {
  private readonly events: Event[] = [];
  private readonly listener = (event: Event): void => void this.events.push(event);

  constructor(private readonly socket: WebSocket) {
    socket.binaryType = 'arraybuffer';
    for (const type of ['open', 'message', 'close']) socket.addEventListener(type, this.listener);
  }

  /** The caller adds its listeners at once; then they receive the events that have waited. */
  handOver(): WebSocket {
    const { socket, events, listener } = this;
    for (const type of ['open', 'message', 'close']) socket.removeEventListener(type, listener);
    // Before any further event, which would be a task.
    queueMicrotask(() => {
      for (const event of events.splice(0)) socket.dispatchEvent(event);
    });
    return socket;
  }

  /** No page needs it: the service ends the session. */
  close(): void {
    this.socket.close(1000);
  }
}
