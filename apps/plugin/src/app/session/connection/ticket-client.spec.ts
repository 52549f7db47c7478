import type { ResumeRequest, WatchRequest } from '@remote-access/contracts';
import type { CallOptions, PlatformAnswer, PlatformCalls } from '../../host/platform-calls';
import type { Refusal } from '../../ui/refusal';
import { type SessionTicket, TicketClient, EarlySocket } from './ticket-client';

const TICKETS = '/service/remoteaccess/client/1001/configurations/a%2Fb/tickets';
const SETTINGS = '/service/remoteaccess/settings';

/** A tenant whose notice changes to the next of these each time the user has read it. */
function tenant(notices: (string | null)[], answers: Partial<Record<string, PlatformAnswer>> = {}) {
  const calls: { path: string; body?: object }[] = [];
  const quiet: boolean[] = [];
  const shown: string[] = [];
  let current = notices[0] ?? null;
  const platform = {
    call: (
      _method: string,
      path: string,
      body?: { noticeAccepted?: string },
      { isQuiet = false }: CallOptions = {},
    ) => {
      calls.push({ path, body });
      quiet.push(isQuiet);
      const fixed = answers[path];
      if (fixed) return Promise.resolve(fixed);
      if (path === SETTINGS) {
        const noticeId = current && `id of ${current}`;
        return Promise.resolve({ status: 200, body: { notice: current, noticeId } });
      }
      const open = current === null || body?.noticeAccepted === `id of ${current}`;
      return Promise.resolve(
        open
          ? { status: 201, body: { ticket: 'T' } }
          : { status: 428, body: { error: 'remoteaccess/notice-not-accepted', message: 'Read' } },
      );
    },
  } as unknown as PlatformCalls;
  const accept = (accepted: boolean) => (notice: string) => {
    shown.push(notice);
    current = notices[Math.min(shown.length, notices.length - 1)] ?? null;
    return Promise.resolve(accepted);
  };
  const client = (accepted = true, watch?: WatchRequest) =>
    new TicketClient(platform, accept(accepted), '1001', 'a/b', watch);
  return { calls, quiet, shown, client };
}

describe('TicketClient', () => {
  it('asks nothing if the tenant has no notice', async () => {
    const { calls, client } = tenant([null]);
    expect(await client().requestTicket()).toMatchObject({ ticket: 'T' });
    expect(calls).toEqual([{ path: TICKETS, body: { keep: expect.any(String) as string } }]);
  });

  it('leaves it to the page of the session to show that it waits', async () => {
    const { quiet, client } = tenant([null]);
    await client().requestTicket();
    await client().renewalTicket();
    expect(quiet).toEqual([true, true]);
  });

  it('says with each ticket of a new session that the page can resume it, with another key', async () => {
    const { calls, client } = tenant([null]);
    const same = client();
    same.prepare();
    const tickets = [await same.requestTicket(), await same.requestTicket()] as SessionTicket[];
    const keys = tickets.map(({ resumeKey }) => resumeKey);
    expect(calls.map(({ body }) => body)).toEqual(keys.map(keep => ({ keep })));
    expect(new Set(keys).size).toBe(2);
    expect(keys[0]).toMatch(/^[\w-]{43}$/);
  });

  it("sends no key for another user's session, nor when it renews the sign-in", async () => {
    const { calls, client } = tenant([null]);
    await client(true, { sessionId: 's' }).requestTicket();
    await client().renewalTicket();
    expect(calls.map(({ body }) => body)).toEqual([{ watch: { sessionId: 's' } }, {}]);
  });

  it('prepares the first ticket, once, but not for a session that is resumed', async () => {
    const { calls, client } = tenant([null]);
    const prepared = client();
    prepared.prepare();
    expect(calls).toHaveLength(1);
    expect(await prepared.requestTicket()).toMatchObject({ ticket: 'T' });
    expect(calls).toHaveLength(1);
    expect(await prepared.requestTicket()).toMatchObject({ ticket: 'T' });
    expect(calls).toHaveLength(2);
    prepared.prepare();
    const resume = { sessionId: 's' } as unknown as ResumeRequest;
    await prepared.requestTicket(resume);
    expect(calls.at(-1)).toEqual({ path: TICKETS, body: { resume } });
  });

  it('requests another ticket if the prepared one is too old', async () => {
    const { calls, client } = tenant([null]);
    const prepared = client();
    prepared.prepare();
    const now = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_000);
    await prepared.requestTicket();
    now.mockRestore();
    expect(calls).toHaveLength(2);
  });

  it('shows the notice and sends the id of the accepted text', async () => {
    const { calls, shown, client } = tenant(['Be nice.']);
    expect(await client().requestTicket()).toMatchObject({ ticket: 'T' });
    expect(shown).toEqual(['Be nice.']);
    expect(calls.at(-1)).toEqual({
      path: TICKETS,
      body: { noticeAccepted: 'id of Be nice.', keep: expect.any(String) as string },
    });
  });

  it('shows the notice once per page', async () => {
    const { shown, client } = tenant(['Be nice.']);
    const same = client();
    await same.requestTicket();
    expect(await same.requestTicket()).toMatchObject({ ticket: 'T' });
    expect(shown).toHaveLength(1);
  });

  it('shows a notice that changed while the user read the previous one', async () => {
    const { shown, client } = tenant(['Be nice.', 'Be very nice.']);
    expect(await client().requestTicket()).toMatchObject({ ticket: 'T' });
    expect(shown).toEqual(['Be nice.', 'Be very nice.']);
  });

  it('gives up on a notice that keeps changing', async () => {
    const { shown, client } = tenant(['1', '2', '3', '4', '5', '6']);
    expect(await client().requestTicket()).toMatchObject({ code: 'notice-not-accepted' });
    expect(shown).toHaveLength(3);
  });

  it('requests no ticket after the user declines, and shows the notice again on the next attempt', async () => {
    const { calls, shown, client } = tenant(['Be nice.']);
    const same = client(false);
    const refusal = (await same.requestTicket()) as Refusal;
    expect(refusal.message.text).toMatch(/did not accept/);
    expect(calls.filter(({ path }) => path === TICKETS)).toHaveLength(1);
    await same.requestTicket();
    expect(shown).toHaveLength(2);
  });

  it("passes on the service's message that remote access is off", async () => {
    const message = 'Remote access is switched off for your tenant. Ask your administrator.';
    const off = { status: 403, body: { error: 'remoteaccess/remote-access-off', message } };
    const { shown, client } = tenant([null], { [TICKETS]: off });
    const refusal = (await client().requestTicket()) as Refusal;
    expect([refusal.message.text, refusal.retry]).toEqual([message, false]);
    expect(shown).toEqual([]);
  });

  describe('for a user who signed in with Basic authentication', () => {
    const HEALTH = '/service/remoteaccess/health';
    const signedIn = (answer: object, healthStatus = 200) => {
      const addresses: string[] = [];
      const platform = {
        call: (_method: string, path: string) =>
          Promise.resolve(
            path === HEALTH ? { status: healthStatus } : { status: 201, body: answer },
          ),
        basicToken: () => 'dXNlcjpwYXNz',
        webSocketAddress: (path: string) => {
          addresses.push(path);
          return 'ws://localhost:1';
        },
      } as unknown as PlatformCalls;
      const client = new TicketClient(platform, () => Promise.resolve(true), '1001', '1');
      return { client, addresses };
    };

    it('the credential is in the address only if the service says so', async () => {
      for (const tokenInAddress of [undefined, false, true]) {
        const { client, addresses } = signedIn({ ticket: 'T', tokenInAddress });
        await client.requestTicket();
        client.openSocket('T', 'binary').close();
        const token = tokenInAddress ? '&token=dXNlcjpwYXNz' : '';
        expect(addresses).toEqual([
          `/service/remoteaccess/client/1001/configurations/1?ticket=T${token}`,
        ]);
      }
    });

    it('a refused upgrade is explained if the service responds otherwise', async () => {
      const { client } = signedIn({ ticket: 'T' });
      expect((await client.refusedUpgrade())?.text).toContain('OAI-Secure');
      expect(await signedIn({}, 502).client.refusedUpgrade()).toBeUndefined();
      expect(await signedIn({}, 0).client.refusedUpgrade()).toBeUndefined();
    });
  });

  describe('a session that is resumed without a ticket', () => {
    const REQUEST = {
      sessionId: 'ab12',
      keys: ['K'.repeat(43), 'L'.repeat(43)],
      next: 'N'.repeat(43),
    };
    const client = (xsrfToken: string | undefined, addresses: string[] = []) =>
      new TicketClient(
        {
          xsrfToken: () => xsrfToken,
          webSocketAddress: (path: string) => {
            addresses.push(path);
            return 'ws://localhost:1';
          },
        } as unknown as PlatformCalls,
        () => Promise.resolve(true),
        '1001',
        '1',
      );

    it('is claimed with the cookie, and its keys are not in the address', () => {
      const opened: unknown[][] = [];
      const browser = window.WebSocket;
      window.WebSocket = function open(...given: unknown[]): void {
        opened.push(given);
      } as unknown as typeof WebSocket;
      const addresses: string[] = [];
      client('X&1', addresses).resumingSocket({ ...REQUEST, output: 7 });
      window.WebSocket = browser;
      expect(addresses).toEqual([
        '/service/remoteaccess/client/1001/configurations/1/resume?XSRF-TOKEN=X%261',
      ]);
      const [first, second] = REQUEST.keys;
      expect(opened).toEqual([
        [
          'ws://localhost:1',
          ['remoteaccess.v1', `resume.ab12.7.${REQUEST.next}.${first}.${second}`],
        ],
      ]);
    });

    it('needs a cookie, and a key', () => {
      expect(client(undefined).resumingSocket({ ...REQUEST, output: 7 })).toBeUndefined();
      const taken = { ...REQUEST, output: 0, takeOver: true };
      expect(client('X').resumingSocket(taken)).toBeUndefined();
    });
  });

  it('reports why the notice could not be read', async () => {
    const { client } = tenant(['x'], { [SETTINGS]: { status: 0, body: undefined } });
    expect(await client().requestTicket()).toMatchObject({ status: 0 });
  });
});

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
