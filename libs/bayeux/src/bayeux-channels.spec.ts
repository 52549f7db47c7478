import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { waitUntil } from '@remote-access/testkit';
import { WebSocketServer, type WebSocket } from 'ws';
import { BayeuxChannels, type BayeuxAccess } from './bayeux-channels';
import { BayeuxError } from './bayeux-session';

interface Message {
  channel: string;
  subscription?: string;
  clientId?: string;
  ext?: unknown;
}

/** A server that answers handshakes and subscriptions and never answers a connect. */
class FakeRealtime {
  readonly received: Message[] = [];
  readonly sockets: WebSocket[] = [];
  refused = '';
  private readonly waiting: { channel: string; resolve: (message: Message) => void }[] = [];

  constructor(readonly server: WebSocketServer) {
    server.on('connection', socket => {
      this.sockets.push(socket);
      socket.on('message', data => {
        const messages = JSON.parse((data as Buffer).toString()) as Message[];
        for (const message of messages) this.answer(socket, message);
      });
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/notification/realtime`;
  }

  /** Waits for the next message on a channel. */
  next(channel: string): Promise<Message> {
    return new Promise(resolve => this.waiting.push({ channel, resolve }));
  }

  announce(channel: string): void {
    this.sockets.at(-1)?.send(JSON.stringify([{ channel, data: {} }]));
  }

  private answer(socket: WebSocket, message: Message): void {
    this.received.push(message);
    const successful = message.channel !== this.refused;
    const answer = { ...message, successful, clientId: 'client-1' };
    if (message.channel !== '/meta/connect') socket.send(JSON.stringify([answer]));
    const index = this.waiting.findIndex(({ channel }) => channel === message.channel);
    if (index >= 0) this.waiting.splice(index, 1)[0]?.resolve(message);
  }
}

let realtime: FakeRealtime;
let channels: BayeuxChannels;
let problems: unknown[];
beforeEach(async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  realtime = new FakeRealtime(server);
  const headers = { authorization: 'Basic dDEvdTpw' };
  const ext = { 'com.cumulocity.authn': { token: 'dDEvdTpw' } };
  const access = (): BayeuxAccess => ({ url: realtime.url, headers, ext });
  problems = [];
  const onProblem = (cause: unknown): void => void problems.push(cause);
  channels = new BayeuxChannels({ access, onProblem, firstRetryMs: 10 });
});
afterEach(async () => {
  channels.close();
  for (const socket of realtime.sockets) socket.terminate();
  realtime.server.close();
  await once(realtime.server, 'close');
});

/** Listens to a channel; `heard()` waits for the next call of the listener. */
function listener(channel: string): { heard: () => Promise<void>; stop: () => void } {
  let calls = 0;
  let wake = (): void => undefined;
  const stop = channels.listen(channel, () => {
    calls += 1;
    wake();
  });
  let seen = 0;
  const heard = async (): Promise<void> => {
    seen += 1;
    while (calls < seen) await new Promise<void>(resolve => (wake = resolve));
  };
  return { heard, stop };
}

describe('BayeuxChannels', () => {
  it('subscribes to channels over one connection and reports that something happened', async () => {
    const one = listener('/operations/1001');
    const other = listener('/operations/1002');
    await Promise.all([one.heard(), other.heard()]);
    realtime.announce('/operations/1001');
    await one.heard();
    realtime.announce('/operations/1002');
    await other.heard();
    expect(realtime.sockets).toHaveLength(1);
    const [handshake] = realtime.received;
    expect(handshake?.ext).toEqual({ 'com.cumulocity.authn': { token: 'dDEvdTpw' } });
    const subscriptions = realtime.received.filter(({ channel }) => channel === '/meta/subscribe');
    expect(subscriptions.map(({ subscription }) => subscription)).toEqual([
      '/operations/1001',
      '/operations/1002',
    ]);
  });

  it('subscribes once for several listeners and unsubscribes with the last', async () => {
    const [one, other] = [listener('/operations/1001'), listener('/operations/1001')];
    await Promise.all([one.heard(), other.heard()]);
    one.stop();
    one.stop();
    realtime.announce('/operations/1001');
    await other.heard();
    const left = realtime.next('/meta/unsubscribe');
    other.stop();
    expect(await left).toMatchObject({ subscription: '/operations/1001', clientId: 'client-1' });
    expect(realtime.received.map(({ channel }) => channel)).toEqual([
      '/meta/handshake',
      '/meta/subscribe',
      '/meta/connect',
      '/meta/unsubscribe',
    ]);
  });

  it('reconnects after the connection broke, and calls the listeners', async () => {
    const one = listener('/operations/1001');
    await one.heard();
    realtime.sockets[0]?.terminate();
    await one.heard();
    expect(realtime.sockets).toHaveLength(2);
  });

  it.each(['no JSON', '{"channel":"/x"}', '[null]', '[{"data":1}]'])(
    'reconnects after the server sent %s',
    async text => {
      const one = listener('/operations/1001');
      await one.heard();
      realtime.sockets[0]?.send(text);
      await one.heard();
      expect(realtime.sockets).toHaveLength(2);
    },
  );

  it('keeps its other channels when one is refused', async () => {
    const one = listener('/operations/1001');
    await one.heard();
    realtime.refused = '/meta/subscribe';
    const refused = realtime.next('/meta/subscribe');
    listener('/operations/1002');
    await refused;
    realtime.announce('/operations/1001');
    await one.heard();
    expect(realtime.sockets).toHaveLength(1);
    await waitUntil('the refusal is reported', () => problems.length > 0);
    expect(problems).toEqual([expect.any(BayeuxError)]);
  });
});
