import type { Endpoint } from '@remote-access/contracts';
import type { PlatformCalls } from '../host/platform-calls';
import { ResumeClaim } from './connection/resume-claim';
import { SavedSessions } from './connection/saved-session';
import type { SessionState } from './connection/session-machine';
import { TicketClient } from './connection/ticket-client';
import { SessionOrigin, type OriginOptions } from './session-origin';
import type { SessionTarget } from './session-target';
import type { SessionViewer } from './session-viewer';

const TARGET: SessionTarget = { deviceId: '1001', gateway: 'Factory', endpointId: '2' };
const PLACE = { user: 'ana', deviceId: '1001', endpointId: '2', tab: '1' };
const ENDPOINT = { id: '2', name: 'Shell' } as Endpoint;
const accept = (): Promise<boolean> => Promise.resolve(true);
const ended = (code: string): SessionState => ({ phase: 'ended', code }) as SessionState;

/** A page whose link and viewer record what they are asked for. */
function page(target: Partial<SessionTarget> = {}, options: Partial<OriginOptions> = {}) {
  const requests: string[] = [];
  const shown: string[] = [];
  const resumed: { sessionId: string; output: number }[] = [];
  const platform = {
    call: (method: string, path: string) => {
      requests.push(`${method} ${path}`);
      return Promise.resolve({ status: 201, body: { ticket: 'T' } });
    },
  } as unknown as PlatformCalls;
  const connect = jest.fn(() => Promise.resolve());
  const restore = ({ sessionId }: ResumeClaim, output: number): void =>
    void resumed.push({ sessionId, output });
  const viewer = { restore: (screen: string) => shown.push(screen) } as unknown as SessionViewer;
  const take = jest.fn<ReturnType<OriginOptions['headStarts']['take']>, []>();
  const origin = new SessionOrigin({
    ...{ platform, headStarts: { take }, accept, user: 'ana', tab: '1', isShown: true },
    target: { ...TARGET, ...target },
    ...options,
  });
  const begin = (isObsolete = false) =>
    origin.resume({ connect, restore }, viewer, () => isObsolete);
  return { origin, requests, shown, resumed, connect, viewer, take, begin };
}

/** Stores a session as before a reload. */
function beforeReload(): void {
  const saved = new SavedSessions(() => sessionStorage, PLACE);
  const claim = new ResumeClaim('S', 120, ['k'.repeat(43)]);
  saved.saveClaim(claim);
  saved.saveScreen(claim, 'screen', 7);
}

describe('SessionOrigin', () => {
  beforeEach(() => sessionStorage.clear());

  it('requests the ticket of a new session at once if the tab is visible', () => {
    const { origin, requests, viewer } = page();
    expect(origin.isNew(viewer)).toBe(true);
    expect(requests).toEqual([expect.stringMatching(/^POST .*\/1001\/.*\/2\/tickets$/)]);
    expect(page({}, { isShown: false }).requests).toEqual([]);
  });

  it('uses what the click has prepared', () => {
    const tickets = new TicketClient({} as PlatformCalls, accept, '1001', '2');
    const size = { cols: 116, rows: 29 };
    const take = () => ({ endpoint: ENDPOINT, tickets, size });
    const { origin, requests } = page({}, { headStarts: { take } });
    expect(origin.tickets).toBe(tickets);
    expect(origin.endpoint).toBe(ENDPOINT);
    expect(origin.size).toBe(size);
    expect(requests).toEqual([]);
  });

  it('resumes the session from before a reload, with its screen', async () => {
    beforeReload();
    const { origin, begin, shown, resumed, requests, take } = page();
    expect(origin.isResumable).toBe(true);
    await begin();
    expect(shown).toEqual(['screen']);
    expect(resumed).toEqual([{ sessionId: 'S', output: 7 }]);
    expect(requests).toEqual([]);
    expect(take).not.toHaveBeenCalled();
  });

  it('begins a new session in a viewer that cannot resume one', () => {
    beforeReload();
    expect(page().origin.isNew({} as SessionViewer)).toBe(true);
  });

  it('takes over a session from another window once', async () => {
    const { begin, connect, resumed } = page({ takeOver: 'T' });
    await begin();
    expect(resumed).toEqual([{ sessionId: 'T', output: 0 }]);
    await begin();
    expect(resumed).toHaveLength(1);
    expect(connect).toHaveBeenCalledTimes(1);
  });

  it('does nothing if the link was replaced in the meantime', async () => {
    beforeReload();
    const { begin, connect, resumed } = page();
    await begin(true);
    expect([connect.mock.calls, resumed]).toEqual([[], []]);
  });

  it('reports once that the session to resume is over', async () => {
    beforeReload();
    const { origin, begin } = page();
    expect(origin.hasFailed(ended('not-resumed'))).toBe(false);
    await begin();
    expect(origin.hasFailed({ phase: 'interrupted' } as SessionState)).toBe(false);
    expect(origin.hasFailed(ended('not-resumed'))).toBe(true);
    expect(origin.hasFailed(ended('not-resumed'))).toBe(false);
  });

  it('reports nothing if the session ends after it was resumed', async () => {
    beforeReload();
    const { origin, begin } = page();
    await begin();
    expect(origin.hasFailed({ phase: 'open' } as SessionState)).toBe(false);
    expect(origin.hasFailed(ended('not-resumed'))).toBe(false);
  });
});
