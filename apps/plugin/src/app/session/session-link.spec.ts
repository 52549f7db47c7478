import { Refusal } from '../ui/refusal';
import { SessionLink, type SessionPorts } from './session-link';
import type { SessionState } from './session-state';

/** The browser's end of a WebSocket, driven by the test. */
class StandInSocket {
  readyState: number = WebSocket.CONNECTING;
  binaryType = '';
  readonly sent: (string | Uint8Array)[] = [];
  closedWith: number | undefined;
  onopen?: () => void;
  onmessage?: (event: { data: unknown }) => void;
  onclose?: (event: { code: number; reason: string }) => void;

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = WebSocket.CLOSING;
  }

  open(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  output(bytes: number[] | Uint8Array): void {
    this.onmessage?.({ data: Uint8Array.from(bytes).buffer });
  }
}

function page(ticket: () => Promise<string | Refusal> = () => Promise.resolve('T')) {
  const sockets: StandInSocket[] = [];
  const states: SessionState[] = [];
  const drawn: { bytes: Uint8Array; done: () => void }[] = [];
  const ports: SessionPorts = {
    requestTicket: ticket,
    openSocket: () => {
      const socket = new StandInSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    nowMs: () => 0,
    draw: (bytes, done) => drawn.push({ bytes, done }),
    size: () => ({ cols: 100, rows: 30 }),
    changed: state => states.push(state),
  };
  const link = new SessionLink(ports);
  const socket = (index = 0): StandInSocket => {
    const found = sockets[index];
    if (!found) throw new Error(`No socket ${index}`);
    return found;
  };
  return { link, states, drawn, sockets, socket };
}

async function openPage() {
  const opened = page();
  await opened.link.connect();
  opened.socket().open();
  opened.socket().say({ type: 'status', step: 'open', elapsedMs: 1 });
  return opened;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('SessionLink', () => {
  it('tells its size before anything else', async () => {
    const { socket } = await openPage();
    expect(socket().sent).toEqual(['{"type":"resize","cols":100,"rows":30}']);
  });

  it('opens no WebSocket when the ticket is refused', async () => {
    const refusal = Refusal.of(403, undefined);
    const { link, sockets } = page(() => Promise.resolve(refusal));
    await link.connect();
    expect(sockets).toEqual([]);
    expect(link.state).toMatchObject({ phase: 'ended', refusal });
  });

  it('types only into an open session', async () => {
    const { link, socket } = page();
    await link.connect();
    socket().open();
    link.type(bytes('early'));
    socket().say({ type: 'status', step: 'open', elapsedMs: 1 });
    link.type(bytes('ls\r'));
    expect(socket().sent.slice(1)).toEqual([bytes('ls\r')]);
  });

  it('draws bytes as they come, characters cut in the middle too', async () => {
    const { drawn, socket } = await openPage();
    socket().output([0xe6, 0xbc]);
    socket().output([0xa2]);
    expect(drawn.map(({ bytes: each }) => [...each])).toEqual([[0xe6, 0xbc], [0xa2]]);
  });

  it('asks the service to hold while the terminal draws, and to go on after', async () => {
    const { drawn, socket } = await openPage();
    socket().output(new Uint8Array(1_100_000));
    expect(socket().sent).toContain('{"type":"flow","state":"hold"}');
    drawn[0]?.done();
    expect(socket().sent).toContain('{"type":"flow","state":"go"}');
  });

  it('ends with a reason when output comes faster than it can be drawn', async () => {
    const { link, socket } = await openPage();
    socket().output(new Uint8Array(33 * 1024 * 1024));
    expect(link.state).toMatchObject({ phase: 'ended', code: 'too-fast' });
    expect(socket().closedWith).toBe(1000);
  });

  it('disconnects at once and says goodbye', async () => {
    const { link, socket } = await openPage();
    link.disconnect();
    expect(socket().sent.at(-1)).toBe('{"type":"disconnect"}');
    expect(socket().closedWith).toBe(1000);
    expect(link.state).toMatchObject({ phase: 'ended', by: 'client', wasOpen: true });
  });

  it('types nothing when the page is left', async () => {
    const { link, socket } = await openPage();
    link.abandon();
    expect(socket().sent).toHaveLength(1);
    expect(socket().closedWith).toBe(1000);
  });

  it('drops a ticket that comes after the user has cancelled', async () => {
    let give: (ticket: string) => void = () => undefined;
    const { link, sockets } = page(() => new Promise(resolve => (give = resolve)));
    const connecting = link.connect();
    link.disconnect();
    give('late');
    await connecting;
    expect(sockets).toEqual([]);
    expect(link.state).toMatchObject({ phase: 'ended', by: 'client', wasOpen: false });
  });

  it('connects again in place and hears nothing more of the first session', async () => {
    const { link, socket, drawn } = await openPage();
    socket().onclose?.({ code: 1006, reason: '' });
    expect(link.state).toMatchObject({ phase: 'ended', by: 'network' });
    await link.connect();
    socket(1).open();
    socket(1).say({ type: 'status', step: 'open', elapsedMs: 1 });
    socket(0).output([65]);
    socket(0).onclose?.({ code: 1006, reason: '' });
    expect(link.state.phase).toBe('open');
    expect(drawn).toEqual([]);
  });

  it('does not connect twice at once', async () => {
    const { link, sockets } = await openPage();
    await link.connect();
    expect(sockets).toHaveLength(1);
  });

  it('ignores text frames that are no message', async () => {
    const { link, socket } = await openPage();
    socket().onmessage?.({ data: 'garbage' });
    expect(link.state.phase).toBe('open');
  });
});
