import type { ResumeRequest, WatchersMessage } from '@remote-access/contracts';
import type { Message } from '../../ui/message';
import { Refusal } from '../../ui/refusal';
import type { Latency } from './latency-meter';
import { ResumeClaim } from './resume-claim';
import { SessionLink, type SessionLinkOptions } from './session-link';
import type { SessionState } from './session-machine';

/** A WebSocket as seen by the browser, controlled by the test. */
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

const links: SessionLink[] = [];

const TICKET = { ticket: 'T', resumeKey: 'K'.repeat(43) };

function page(
  ticket: SessionLinkOptions['requestTicket'] = () => Promise.resolve(TICKET),
  {
    refusedUpgrade,
    isDesktop = false,
    hasCookie = false,
    connected = () => undefined,
  }: {
    refusedUpgrade?: Message;
    isDesktop?: boolean;
    hasCookie?: boolean;
    connected?: () => void;
  } = {},
) {
  const sockets: StandInSocket[] = [];
  const states: SessionState[] = [];
  const latencies: Latency[] = [];
  const watchers: WatchersMessage[] = [];
  const claims: (number | undefined)[] = [];
  const drawn: { bytes: Uint8Array; done: () => void }[] = [];
  const resumes: ResumeRequest[] = [];
  const openSocket = (): WebSocket => {
    const socket = new StandInSocket();
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  const options: SessionLinkOptions = {
    requestTicket: ticket,
    openSocket,
    resumingSocket: request => {
      if (!hasCookie) return undefined;
      resumes.push(request);
      return openSocket();
    },
    refusedUpgrade: () => Promise.resolve(refusedUpgrade),
    renewalTicket: () => Promise.resolve('renewed'),
    nowMs: () => 0,
    connected,
    draw: (bytes, done) => drawn.push({ bytes, done }),
    size: () => ({ cols: 100, rows: 30 }),
    resumable: !isDesktop,
    beginsAgain: () => isDesktop,
    claimChanged: claim => claims.push(claim?.keys.length),
    screen: () => ({ cols: 100, rows: 30, data: 'SCREEN' }),
    watchersChanged: message => watchers.push(message),
    watchingChanged: () => undefined,
    stateChanged: state => states.push(state),
    latencyChanged: latency => latencies.push(latency),
  };
  const link = new SessionLink(options);
  const socket = (index = 0): StandInSocket => {
    const found = sockets[index];
    if (!found) throw new Error(`No socket ${index}`);
    return found;
  };
  links.push(link);
  return { link, states, latencies, claims, drawn, resumes, sockets, socket, watchers };
}

/** The JSON messages that were sent, without the binary frames. */
const said = ({ sent }: StandInSocket): unknown[] =>
  sent.flatMap(one => (typeof one === 'string' ? [JSON.parse(one) as unknown] : []));

async function openPage() {
  const opened = page();
  await opened.link.connect();
  opened.socket().open();
  opened.socket().say({ type: 'status', step: 'open', elapsedMs: 1 });
  return opened;
}

const settle = () => new Promise(resolve => setTimeout(resolve));

const bytes = (text: string) => new TextEncoder().encode(text);

describe('SessionLink', () => {
  afterEach(() => {
    for (const link of links.splice(0)) link.close();
  });

  it('sends the terminal size and a first acknowledgement before anything else', async () => {
    const { socket } = await openPage();
    expect(said(socket()).slice(0, 2)).toEqual([
      { type: 'resize', cols: 100, rows: 30 },
      { type: 'ack', bytes: 0 },
    ]);
  });

  it('sends the key of its ticket again, for a service of the previous release', async () => {
    const { socket } = await openPage();
    expect(said(socket())).toContainEqual({ type: 'keep', key: TICKET.resumeKey });
  });

  it('tells the service that the user stays, and takes the warning back when that is confirmed', async () => {
    const { link, socket } = await openPage();
    socket().say({ type: 'closing', cause: 'idle', inMs: 60_000 });
    expect(link.state).toMatchObject({ phase: 'open', closing: { cause: 'idle', atMs: 60_000 } });
    link.stay();
    expect(said(socket()).at(-1)).toEqual({ type: 'stay' });
    expect(link.state).toMatchObject({ closing: { cause: 'idle' } });
    socket().say({ type: 'stays-open' });
    expect(link.state).toMatchObject({ phase: 'open', closing: undefined });
  });

  it('reports that it is connected, after the size', async () => {
    const told: unknown[] = [];
    const { link, socket } = page(undefined, { connected: () => told.push(said(socket())[0]) });
    await link.connect();
    expect(told).toEqual([]);
    socket().open();
    expect(told).toEqual([{ type: 'resize', cols: 100, rows: 30 }]);
  });

  it('opens no WebSocket when the ticket is refused', async () => {
    const refusal = Refusal.of(403, undefined);
    const { link, sockets } = page(() => Promise.resolve(refusal));
    await link.connect();
    expect(sockets).toEqual([]);
    expect(link.state).toMatchObject({ phase: 'ended', refusal });
  });

  it('sends input only while the session is open', async () => {
    const { link, socket } = page();
    await link.connect();
    socket().open();
    link.sendInput(bytes('early'));
    socket().say({ type: 'status', step: 'open', elapsedMs: 1 });
    link.sendInput(bytes('ls\r'));
    expect(socket().sent.filter(one => typeof one !== 'string')).toEqual([bytes('ls\r')]);
  });

  it('sends a large paste in messages that the service accepts', async () => {
    const { link, socket } = await openPage();
    const paste = new Uint8Array(3_000_000).map((_, at) => at % 251);
    link.sendInput(paste);
    const frames = socket().sent.filter(one => typeof one !== 'string');
    expect(Math.max(...frames.map(frame => frame.length))).toBe(64 * 1024);
    expect(frames.reduce((sum, frame) => sum + frame.length, 0)).toBe(paste.length);
    expect(frames[1]?.[0]).toBe(paste[64 * 1024]);
  });

  it('draws bytes as they arrive, even with characters split between frames', async () => {
    const { drawn, socket } = await openPage();
    socket().output([0xe6, 0xbc]);
    socket().output([0xa2]);
    expect(drawn.map(({ bytes: each }) => [...each])).toEqual([[0xe6, 0xbc], [0xa2]]);
  });

  it('acknowledges what was rendered, not what was received', async () => {
    const { drawn, socket } = await openPage();
    socket().output(new Uint8Array(1_100_000));
    expect(said(socket())).not.toContainEqual({ type: 'ack', bytes: 1_100_000 });
    drawn[0]?.done();
    expect(said(socket())).toContainEqual({ type: 'ack', bytes: 1_100_000 });
  });

  it('does not acknowledge output of the previous session to a new one', async () => {
    const { link, drawn, socket } = await openPage();
    socket().output(new Uint8Array(50_000));
    link.disconnect();
    await link.connect();
    socket(1).open();
    drawn[0]?.done();
    expect(said(socket(1))).not.toContainEqual({ type: 'ack', bytes: 50_000 });
  });

  it('ends with a reason if output arrives faster than it is rendered', async () => {
    const { link, socket } = await openPage();
    socket().output(new Uint8Array(33 * 1024 * 1024));
    expect(link.state).toMatchObject({ phase: 'ended', code: 'too-fast' });
    expect(socket().closedWith).toBe(1000);
  });

  it('sends a disconnect message and closes at once', async () => {
    const { link, socket } = await openPage();
    link.disconnect();
    expect(socket().sent.at(-1)).toBe('{"type":"disconnect"}');
    expect(socket().closedWith).toBe(1000);
    expect(link.state).toMatchObject({ phase: 'ended', by: 'client', wasOpen: true });
  });

  it('sends nothing when the page is closed', async () => {
    const { link, socket } = await openPage();
    const before = [...socket().sent];
    link.close();
    expect(socket().sent).toEqual(before);
    expect(socket().closedWith).toBe(1000);
  });

  it('drops a ticket that arrives after the user has cancelled', async () => {
    let give: (ticket: typeof TICKET) => void = () => undefined;
    const { link, sockets } = page(() => new Promise(resolve => (give = resolve)));
    const connecting = link.connect();
    link.disconnect();
    give(TICKET);
    await connecting;
    expect(sockets).toEqual([]);
    expect(link.state).toMatchObject({ phase: 'ended', by: 'client', wasOpen: false });
  });

  it('reconnects, and ignores events of the first session', async () => {
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

  it('says why the WebSocket did not open, if the sign-in cannot be sent with it', async () => {
    const message = { text: 'Your tenant requires credentials' };
    const { link, socket } = page(undefined, { refusedUpgrade: message });
    await link.connect();
    socket().onclose?.({ code: 1006, reason: '' });
    await Promise.resolve();
    expect(link.state).toMatchObject({
      phase: 'ended',
      by: 'platform',
      code: 'upgrade-refused',
      message,
    });
  });

  it('ends as broken if the WebSocket did not open for another reason', async () => {
    const { link, socket } = page();
    await link.connect();
    socket().onclose?.({ code: 1006, reason: '' });
    await Promise.resolve();
    expect(link.state).toMatchObject({ phase: 'ended', by: 'network', code: '1006' });
  });

  it('has the session reviewed with the current sign-in while it is open', async () => {
    const { link, socket } = await openPage();
    await link.renewSignIn();
    expect(said(socket()).at(-1)).toEqual({ type: 'renew', ticket: 'renewed' });
    const before = socket().sent.length;
    link.close();
    await link.renewSignIn();
    expect(socket().sent).toHaveLength(before);
  });

  it('does not connect twice at once', async () => {
    const { link, sockets } = await openPage();
    await link.connect();
    expect(sockets).toHaveLength(1);
  });

  it('ignores text frames that are not messages', async () => {
    const { link, socket } = await openPage();
    socket().onmessage?.({ data: 'garbage' });
    expect(link.state.phase).toBe('open');
  });

  it('measures the round trip of an open session', async () => {
    const { link, latencies, socket } = await openPage();
    const pings = said(socket()).filter(one => (one as { type: string }).type === 'ping');
    expect(pings.at(-1)).toEqual({ type: 'ping', id: 2 });
    socket().say({ type: 'pong', id: 2, endpoint: 'silent', endpointMs: 9 });
    const hops = { endpoint: 'silent', endpointMs: 9 };
    expect(latencies.at(-1)).toEqual({ nowMs: 0, p95Ms: 0, unstable: false, hops });
    link.close();
  });

  it('asks about the gateway while it connects, without counting that round trip', async () => {
    const { link, latencies, socket } = page();
    await link.connect();
    expect(socket().sent).toEqual([]);
    socket().open();
    expect(said(socket())).toContainEqual({ type: 'ping', id: 1 });
    socket().say({ type: 'pong', id: 1, gateway: 'silent', gatewayMs: 3 });
    const hops = { gateway: 'silent', gatewayMs: 3 };
    expect(latencies.at(-1)).toEqual({
      ...{ nowMs: undefined, p95Ms: undefined, unstable: false },
      hops,
    });
    link.close();
  });

  it('does not measure the round trip while the page is hidden', async () => {
    const { link, socket } = page();
    link.setVisible(false);
    await link.connect();
    socket().open();
    socket().say({ type: 'status', step: 'open', elapsedMs: 1 });
    expect(said(socket())).not.toContainEqual({ type: 'ping', id: 1 });
    link.setVisible(true);
    expect(said(socket())).toContainEqual({ type: 'ping', id: 1 });
  });

  it('answers a prompt once', async () => {
    const { link, socket } = page();
    await link.connect();
    socket().open();
    const prompts = [{ text: 'Code: ', echo: false }];
    socket().say({ type: 'prompt', id: 3, title: '', instructions: '', prompts });
    expect(link.state).toMatchObject({ question: { id: 3, prompts } });
    link.answerPrompt(3, ['123']);
    expect(said(socket()).at(-1)).toEqual({ type: 'answers', id: 3, answers: ['123'] });
    expect(link.state).not.toMatchObject({ question: { id: 3 } });
  });

  it("sends the user's decision about a host key", async () => {
    const { link, socket } = page();
    await link.connect();
    socket().open();
    socket().say({
      type: 'host-key',
      keyType: 'k',
      sha256: 's',
      md5: 'm',
      state: 'new',
      question: true,
    });
    expect(link.state).toMatchObject({ question: { type: 'host-key' } });
    link.answerHostKey('once');
    expect(said(socket()).at(-1)).toEqual({ type: 'host-key-answer', answer: 'once' });
  });

  it('provides its screen for watchers, and lets the user decide', async () => {
    const { link, socket, drawn, watchers } = await openPage();
    socket().output([1, 2, 3]);
    socket().output([4]);
    drawn[0]?.done();
    socket().say({ type: 'screen-wanted', id: 9 });
    const screen = { cols: 100, rows: 30, data: 'SCREEN' };
    expect(said(socket())).toContainEqual({ type: 'screen', id: 9, output: 3, ...screen });
    const shown = {
      type: 'watchers',
      watchers: [{ id: 1, user: 'u', asks: true }],
      keyboard: null,
    };
    socket().say(shown);
    expect(watchers).toEqual([shown]);
    link.answerWatcher(1, true);
    link.giveKeyboard(1);
    expect(said(socket()).slice(-2)).toEqual([
      { type: 'watch-answer', id: 1, allow: true },
      { type: 'keyboard', watcher: 1 },
    ]);
  });

  it('sends a break', async () => {
    const { link, socket } = await openPage();
    link.sendBreak();
    expect(said(socket()).at(-1)).toEqual({ type: 'break' });
  });

  describe('after its connection was lost', () => {
    const KEPT = { type: 'kept', sessionId: 'S', seconds: 120 };
    const resumed = (input: number, output: number) =>
      ({ type: 'resumed', sessionId: 'S', input, output, seconds: 120 }) as const;

    async function keptPage(answers: (typeof TICKET | Refusal)[] = [], hasCookie = false) {
      const requests: (ResumeRequest | undefined)[] = [];
      const answer: SessionLinkOptions['requestTicket'] = resume => {
        requests.push(resume);
        return Promise.resolve(answers.shift() ?? TICKET);
      };
      const opened = page(answer, { hasCookie });
      await opened.link.connect();
      opened.socket().open();
      opened.socket().say({ type: 'status', step: 'open', elapsedMs: 1 });
      opened.socket().say(KEPT);
      return { ...opened, requests };
    }

    const frames = ({ sent }: StandInSocket): string =>
      sent
        .flatMap(one => (typeof one === 'string' ? [] : [new TextDecoder().decode(one)]))
        .join('');
    it('resumes on another one, and sends what was not acknowledged', async () => {
      const { link, drawn, requests, socket } = await keptPage();
      link.sendInput(bytes('abcdef'));
      socket().output([1, 2, 3]);
      drawn[0]?.done();
      socket().say({ type: 'input', bytes: 2 });
      socket().onclose?.({ code: 1006, reason: '' });
      expect(link.state.phase).toBe('interrupted');
      link.sendInput(bytes('ghi'));
      expect(link.state).toMatchObject({ heldBytes: 3, isFull: false });
      await settle();
      expect(requests[1]).toMatchObject({ sessionId: 'S', output: 3 });
      socket(1).open();
      expect(said(socket(1)).slice(0, 2)).toEqual([
        { type: 'resize', cols: 100, rows: 30 },
        { type: 'ack', bytes: 3 },
      ]);
      expect(frames(socket(1))).toBe('');
      socket(1).say(resumed(4, 3));
      expect(frames(socket(1))).toBe('efghi');
      expect(link.state.phase).toBe('open');
      socket(1).output([4]);
      expect(drawn).toHaveLength(2);
    });

    it('presents the key of its ticket, names the next one, and sends both if no response came', async () => {
      const { link, requests, socket } = await keptPage();
      const first = TICKET.resumeKey;
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      expect(requests[1]?.keys).toEqual([first]);
      socket(1).onclose?.({ code: 1006, reason: '' });
      await settle();
      link.networkIsBack();
      await settle();
      expect(requests[2]?.keys).toEqual([requests[1]?.next, first]);
      socket(2).open();
      socket(2).say(resumed(0, 0));
      socket(2).onclose?.({ code: 1006, reason: '' });
      await settle();
      expect(requests[3]?.keys).toEqual([requests[2]?.next]);
    });

    describe('with a cookie', () => {
      const lost = { code: 1006, reason: '' };

      it('goes on without a ticket', async () => {
        const { link, claims, requests, resumes, socket } = await keptPage([], true);
        socket().onclose?.(lost);
        await settle();
        expect(resumes).toEqual([expect.objectContaining({ keys: [TICKET.resumeKey], output: 0 })]);
        // If the page is reloaded now, either key may be the right one.
        expect(claims.at(-1)).toBe(2);
        socket(1).open();
        socket(1).say(resumed(0, 0));
        expect(link.state.phase).toBe('open');
        expect(requests).toHaveLength(1);
      });

      it('asks for a ticket if the WebSocket does not open, and from then on', async () => {
        const { link, requests, resumes, socket } = await keptPage([], true);
        socket().onclose?.(lost);
        await settle();
        socket(1).onclose?.(lost);
        await settle();
        expect(requests[1]?.keys).toEqual([resumes[0]?.next, TICKET.resumeKey]);
        socket(2).open();
        socket(2).say(resumed(0, 0));
        expect(link.state.phase).toBe('open');
        socket(2).onclose?.(lost);
        await settle();
        expect([resumes.length, requests.length]).toEqual([1, 3]);
      });

      it('tries without a ticket again while the service is away', async () => {
        const away = [TICKET, Refusal.of(502, undefined)];
        const { link, resumes, socket } = await keptPage(away, true);
        socket().onclose?.(lost);
        await settle();
        socket(1).onclose?.(lost);
        await settle();
        link.networkIsBack();
        await settle();
        expect(resumes).toHaveLength(2);
        socket(2).open();
        socket(2).say(resumed(0, 0));
        expect(link.state.phase).toBe('open');
      });

      it('opens no WebSocket while the browser knows that it is offline', async () => {
        const { requests, resumes, socket } = await keptPage([], true);
        const onLine = jest.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
        socket().onclose?.(lost);
        await settle();
        onLine.mockRestore();
        expect([resumes.length, requests.length]).toEqual([0, 2]);
      });

      it('says why it may not go on', async () => {
        const refusal = Refusal.of(403, { error: 'remoteaccess/forbidden', message: 'No.' });
        const { link, socket } = await keptPage([TICKET, refusal], true);
        socket().onclose?.(lost);
        await settle();
        socket(1).onclose?.(lost);
        await settle();
        expect(link.state).toMatchObject({ phase: 'ended', code: 'forbidden' });
      });
    });

    it('tries again while the network or the service is unavailable', async () => {
      const away = [Refusal.of(0, undefined), Refusal.of(503, undefined)];
      const { link, requests, socket } = await keptPage([TICKET, ...away]);
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      link.networkIsBack();
      await settle();
      expect(link.state.phase).toBe('interrupted');
      link.networkIsBack();
      await settle();
      expect(requests).toHaveLength(4);
      socket(1).open();
      socket(1).say(resumed(0, 0));
      expect(link.state.phase).toBe('open');
    });

    it('gives up a connection that answers nothing, as after the sleep of a laptop', async () => {
      jest.useFakeTimers();
      try {
        const { link, requests } = await keptPage();
        await jest.advanceTimersByTimeAsync(1_500 + 4_900);
        expect(link.state.phase).toBe('open');
        await jest.advanceTimersByTimeAsync(200);
        expect(link.state.phase).toBe('interrupted');
        expect(requests).toHaveLength(2);
      } finally {
        jest.useRealTimers();
      }
    });

    it('gives it up sooner once the network has changed', async () => {
      jest.useFakeTimers();
      try {
        const { link } = await keptPage();
        link.networkIsBack();
        await jest.advanceTimersByTimeAsync(1_600);
        expect(link.state.phase).toBe('interrupted');
      } finally {
        jest.useRealTimers();
      }
    });

    it.each([
      ['the session is over', 404, 'session-not-found', 'not-resumed'],
      ['the permission is gone', 403, 'forbidden', 'forbidden'],
    ])('ends once %s', async (_name, status, code, shown) => {
      const refusal = Refusal.of(status, { error: `remoteaccess/${code}`, message: 'No.' });
      const { link, claims, requests, socket } = await keptPage([TICKET, refusal]);
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      expect(link.state).toMatchObject({ phase: 'ended', code: shown, wasOpen: true });
      expect(claims.at(-1)).toBeUndefined();
      link.networkIsBack();
      await settle();
      expect(requests).toHaveLength(2);
    });

    it('sends what was typed since a reload after what the service had before', async () => {
      const { link, socket } = page();
      link.restore(new ResumeClaim('S', 120, ['K'.repeat(43)]), 7);
      link.sendInput(bytes('typed'));
      await settle();
      socket().open();
      socket().say(resumed(1_000, 7));
      expect(frames(socket())).toBe('typed');
      link.sendInput(bytes('more'));
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      socket(1).open();
      socket(1).say(resumed(1_003, 7));
      expect(frames(socket(1))).toBe('edmore');
    });

    it('holds a bounded amount of input, and discards it if the user wants', async () => {
      const { link, socket } = await keptPage();
      link.sendInput(bytes('before'));
      socket().onclose?.({ code: 1006, reason: '' });
      link.sendInput(new Uint8Array(60_000));
      link.sendInput(new Uint8Array(10_000));
      expect(link.state).toMatchObject({ heldBytes: 60_000, isFull: true });
      link.discardHeldInput();
      expect(link.state).toMatchObject({ heldBytes: 0, isFull: false });
      await settle();
      socket(1).open();
      socket(1).say(resumed(0, 0));
      expect(frames(socket(1))).toBe('before');
    });

    it('stops when the user disconnects', async () => {
      const { link, sockets, socket } = await keptPage();
      socket().onclose?.({ code: 1006, reason: '' });
      link.disconnect();
      await settle();
      link.networkIsBack();
      await settle();
      expect(sockets).toHaveLength(1);
      expect(link.state).toMatchObject({ phase: 'ended', by: 'client' });
    });

    it('ends if the service has said why', async () => {
      const { link, sockets, socket } = await keptPage();
      socket().say({ type: 'ended', by: 'target', code: 'normal', text: 'x', outputBytes: 0 });
      socket().onclose?.({ code: 1000, reason: '' });
      await settle();
      expect(link.state).toMatchObject({ phase: 'ended', by: 'target' });
      expect(sockets).toHaveLength(1);
    });
  });

  describe('after the connection of a desktop was lost', () => {
    const OPEN = { type: 'status', step: 'open', elapsedMs: 1 };

    async function desktopPage(answers: (typeof TICKET | Refusal)[] = []) {
      const requests: { resume: ResumeRequest | undefined; isUnattended: boolean | undefined }[] =
        [];
      const opened = page(
        (resume, isUnattended) => {
          requests.push({ resume, isUnattended });
          return Promise.resolve(answers.shift() ?? TICKET);
        },
        { isDesktop: true },
      );
      await opened.link.connect();
      opened.socket().open();
      return { ...opened, requests };
    }

    it('opens another session, and shows it once it is open', async () => {
      const { link, requests, drawn, socket } = await desktopPage();
      socket().say(OPEN);
      socket().output([1, 2, 3]);
      socket().onclose?.({ code: 1006, reason: '' });
      expect(link.state).toMatchObject({ phase: 'interrupted', keptUntilMs: undefined });
      await settle();
      expect(requests[1]).toEqual({ resume: undefined, isUnattended: true });
      socket(1).open();
      expect(said(socket(1))[1]).toEqual({ type: 'ack', bytes: 0 });
      socket(1).say({
        ...{ type: 'status', step: 'operation-created', elapsedMs: 1, operationId: '77' },
      });
      expect(link.state).toMatchObject({ phase: 'interrupted', operationId: '77' });
      socket(1).say(OPEN);
      expect(link.state).toMatchObject({ phase: 'open', operationId: '77' });
      socket(1).output([4]);
      expect(drawn).toHaveLength(2);
    });

    it('asks what the far end asks, such as a password that the user typed before', async () => {
      const { link, socket } = await desktopPage();
      socket().say(OPEN);
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      socket(1).open();
      const prompts = [{ text: 'Password', echo: false }];
      socket(1).say({ type: 'prompt', id: 1, title: '', instructions: '', prompts });
      expect(link.state).toMatchObject({ question: { type: 'prompt' } });
      expect(said(socket(1))).not.toContainEqual(expect.objectContaining({ type: 'answers' }));
    });

    it('tries again while the network is unavailable', async () => {
      const { link, requests, socket } = await desktopPage([TICKET, Refusal.of(0, undefined)]);
      socket().say(OPEN);
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      link.networkIsBack();
      await settle();
      socket(1).onclose?.({ code: 1006, reason: '' });
      await settle();
      expect(link.state.phase).toBe('interrupted');
      link.networkIsBack();
      await settle();
      expect(requests).toHaveLength(4);
      socket(2).open();
      socket(2).say(OPEN);
      expect(link.state.phase).toBe('open');
    });

    it.each([403, 428])('ends if the ticket is refused with %s', async status => {
      const refusal = Refusal.of(status, { error: 'remoteaccess/forbidden', message: 'No.' });
      const { link, requests, socket } = await desktopPage([TICKET, refusal]);
      socket().say(OPEN);
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      link.networkIsBack();
      await settle();
      expect(link.state).toMatchObject({ phase: 'ended', refusal });
      expect(requests).toHaveLength(2);
    });

    it.each([
      ['was not open yet', (socket: StandInSocket) => socket.onclose?.({ code: 1006, reason: '' })],
      [
        'has ended with a reason',
        (socket: StandInSocket) => {
          socket.say(OPEN);
          socket.say({ type: 'ended', by: 'target', code: 'normal', text: '', outputBytes: 0 });
          socket.onclose?.({ code: 1006, reason: '' });
        },
      ],
      [
        'has ended with a code of the catalogue',
        (socket: StandInSocket) => {
          socket.say(OPEN);
          socket.onclose?.({ code: 4403, reason: 'You need a permission.' });
        },
      ],
    ])('does not, if the session %s', async (_name, end) => {
      const { link, sockets, socket } = await desktopPage();
      end(socket());
      await settle();
      link.networkIsBack();
      await settle();
      expect(link.state.phase).toBe('ended');
      expect(sockets).toHaveLength(1);
    });

    it('ends with the reason of a new session that cannot be opened', async () => {
      const { link, sockets, socket } = await desktopPage();
      socket().say(OPEN);
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      socket(1).open();
      socket(1).say({ type: 'error', code: 'gateway-timeout', text: 'Late.', hint: '' });
      socket(1).onclose?.({ code: 4504, reason: 'Late.' });
      await settle();
      link.networkIsBack();
      await settle();
      expect(link.state).toMatchObject({ phase: 'ended', code: 'gateway-timeout', text: 'Late.' });
      expect(sockets).toHaveLength(2);
    });

    it('waits before it replaces a session that did not last', async () => {
      const { link, sockets, socket } = await desktopPage();
      socket().say(OPEN);
      socket().onclose?.({ code: 1006, reason: '' });
      await settle();
      socket(1).open();
      socket(1).say(OPEN);
      socket(1).onclose?.({ code: 1006, reason: '' });
      await settle();
      expect(link.state.phase).toBe('interrupted');
      expect(sockets).toHaveLength(2);
    });
  });
});
