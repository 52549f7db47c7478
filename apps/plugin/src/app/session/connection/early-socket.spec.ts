import { EarlySocket } from './early-socket';

/** A WebSocket as an event target, as far as it is used before the page exists. */
class StandInSocket extends EventTarget {
  binaryType = 'blob';
  closedWith: number | undefined;

  close(code: number): void {
    this.closedWith = code;
  }

  hears(data: string): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

function opened() {
  const socket = new StandInSocket();
  const seen: string[] = [];
  const early = new EarlySocket(socket as unknown as WebSocket);
  const takeOver = (): void => {
    const taken = early.handOver();
    for (const type of ['open', 'message', 'close']) {
      taken.addEventListener(type, event =>
        seen.push(event instanceof MessageEvent ? String(event.data) : event.type),
      );
    }
  };
  return { socket, seen, early, takeOver };
}

describe('EarlySocket', () => {
  it('delivers what happened before the page existed, once and in order', async () => {
    const { socket, seen, takeOver } = opened();
    expect(socket.binaryType).toBe('arraybuffer');
    socket.dispatchEvent(new Event('open'));
    socket.hears('one');
    socket.hears('two');
    takeOver();
    expect(seen).toEqual([]);
    await Promise.resolve();
    socket.hears('three');
    socket.dispatchEvent(new Event('close'));
    await Promise.resolve();
    expect(seen).toEqual(['open', 'one', 'two', 'three', 'close']);
  });

  it('has nothing to deliver if it is taken over at once', async () => {
    const { socket, seen, takeOver } = opened();
    takeOver();
    await Promise.resolve();
    socket.dispatchEvent(new Event('open'));
    expect(seen).toEqual(['open']);
  });

  it('ends the session if no page needs it', () => {
    const { socket, early } = opened();
    early.close();
    expect(socket.closedWith).toBe(1000);
  });
});
