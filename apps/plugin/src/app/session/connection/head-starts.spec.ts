import type { Endpoint } from '@remote-access/contracts';
import type { PlatformAnswer, PlatformCalls } from '../../host/platform-calls';
import { HeadStarts } from './head-starts';

const ENDPOINT = { id: '7', name: 'Press', protocol: 'SSH' } as Endpoint;
const accepted = (): Promise<boolean> => Promise.resolve(true);

function clicked(notice?: string) {
  const calls: string[] = [];
  const call = (_method: string, path: string, body?: object): Promise<PlatformAnswer> => {
    calls.push(path);
    if (path.endsWith('/settings')) {
      return Promise.resolve({ status: 200, body: { notice, noticeId: 'N' } });
    }
    const isAccepted = notice === undefined || 'noticeAccepted' in (body ?? {});
    return Promise.resolve(
      isAccepted
        ? { status: 201, body: { ticket: 'T' } }
        : { status: 428, body: { error: 'remoteaccess/notice-not-accepted', message: 'Read.' } },
    );
  };
  const heads = new HeadStarts();
  heads.begin({ call } as unknown as PlatformCalls, '1001', ENDPOINT);
  return { heads, calls };
}

describe('HeadStarts', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks for the ticket at once, and hands it over with the endpoint', async () => {
    const { heads, calls } = clicked();
    expect(calls).toHaveLength(1);
    const begun = heads.take('1001', '7', accepted)!;
    expect(begun.endpoint).toBe(ENDPOINT);
    expect(await begun.tickets.requestTicket()).toMatchObject({ ticket: 'T' });
    expect(calls).toHaveLength(1);
  });

  it('hands it over once, and only to the page of that endpoint', () => {
    const { heads } = clicked();
    expect(heads.take('1002', '7', accepted)).toBeUndefined();
    expect(heads.take('1001', '8', accepted)).toBeUndefined();
    expect(heads.take('1001', '7', accepted)).toBeDefined();
    expect(heads.take('1001', '7', accepted)).toBeUndefined();
  });

  it('counts for a user who has just clicked', () => {
    jest.useFakeTimers();
    const { heads } = clicked();
    jest.advanceTimersByTime(10_001);
    expect(heads.take('1001', '7', accepted)).toBeUndefined();
  });

  it('leaves the notice to the page', async () => {
    const { heads } = clicked('Be careful.');
    const shown: string[] = [];
    await new Promise(resolve => setTimeout(resolve));
    const begun = heads.take('1001', '7', notice => {
      shown.push(notice);
      return accepted();
    })!;
    expect(await begun.tickets.requestTicket()).toMatchObject({ ticket: 'T' });
    expect(shown).toEqual(['Be careful.']);
  });

  describe('once the size of the terminal is known', () => {
    const RealWebSocket = globalThis.WebSocket;
    const sockets: { address: string; closedWith?: number }[] = [];
    class StandInSocket extends EventTarget {
      closedWith?: number;
      constructor(readonly address: string) {
        super();
        sockets.push(this);
      }
      close(code: number): void {
        this.closedWith = code;
      }
    }
    beforeEach(() => {
      sockets.length = 0;
      globalThis.WebSocket = StandInSocket as unknown as typeof WebSocket;
    });
    afterEach(() => {
      globalThis.WebSocket = RealWebSocket;
    });

    function ready(call: PlatformCalls['call'] = () => Promise.resolve(TICKET)) {
      const bodies: (object | undefined)[] = [];
      const platform = {
        call: (method: 'POST', path: string, body?: object) => {
          bodies.push(body);
          return call(method, path, body);
        },
        basicToken: () => undefined,
        webSocketAddress: (path: string) => path,
      } as unknown as PlatformCalls;
      const heads = new HeadStarts();
      heads.remember({ cols: 116, rows: 29 });
      const click = (): void => heads.begin(platform, '1001', ENDPOINT);
      return { heads, click, bodies };
    }
    const TICKET: PlatformAnswer = { status: 201, body: { ticket: 'T' } };

    it('opens the WebSocket before the page, with the size in the ticket', async () => {
      const { heads, click, bodies } = ready();
      click();
      await heads.pageIsDue();
      expect(bodies).toEqual([expect.objectContaining({ size: { cols: 116, rows: 29 } })]);
      expect(sockets).toHaveLength(1);
      const { tickets } = heads.take('1001', '7', accepted)!;
      const ticket = (await tickets.requestTicket()) as { ticket: string };
      expect(tickets.openSocket(ticket.ticket, 'remoteaccess.v1')).toBe(sockets[0]);
      expect(sockets).toHaveLength(1);
    });

    it('does not wait for a slow network to show the page', async () => {
      jest.useFakeTimers();
      const { heads, click } = ready(() => new Promise(() => undefined));
      click();
      const due = heads.pageIsDue();
      await jest.advanceTimersByTimeAsync(60);
      await expect(due).resolves.toBe(true);
    });

    it('closes the WebSocket of a page that never came, and of a second click', async () => {
      jest.useFakeTimers();
      const { heads, click } = ready();
      click();
      await heads.pageIsDue();
      click();
      await heads.pageIsDue();
      expect(sockets.map(({ closedWith }) => closedWith)).toEqual([1000, undefined]);
      await jest.advanceTimersByTimeAsync(10_001);
      expect(sockets.map(({ closedWith }) => closedWith)).toEqual([1000, 1000]);
    });

    it('leaves it to the page after a refusal, and in a window of another size', async () => {
      const refusal = { status: 403, body: { error: 'remoteaccess/forbidden', message: 'No.' } };
      const refused = ready(() => Promise.resolve(refusal));
      refused.click();
      await refused.heads.pageIsDue();

      const { heads, click, bodies } = ready();
      jest.replaceProperty(window, 'innerWidth', window.innerWidth + 1);
      click();
      await heads.pageIsDue();
      jest.restoreAllMocks();
      expect(bodies).toEqual([expect.not.objectContaining({ size: expect.anything() as unknown })]);
      expect(sockets).toEqual([]);
    });
  });
});
