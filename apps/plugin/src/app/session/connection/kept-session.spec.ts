import { KeptSession } from './kept-session';
import { ResumeClaim } from './resume-claim';
import { SavedSessions } from './saved-session';

const PLACE = { user: 'ana', deviceId: '1001', endpointId: '2', tab: '1' };
const claimTo = (sessionId: string): ResumeClaim => new ResumeClaim(sessionId, 120, []);

/** The names of the locks that are held, as in a browser with one window. */
let held: Set<string>;

beforeEach(() => {
  sessionStorage.clear();
  held = new Set();
  const request = (
    name: string,
    _options: LockOptions,
    hold: (lock: Lock | null) => Promise<void> | undefined,
  ): Promise<void> => {
    if (held.has(name)) return Promise.resolve(hold(null));
    held.add(name);
    return Promise.resolve(hold({} as Lock)).then(() => void held.delete(name));
  };
  Object.defineProperty(navigator, 'locks', { configurable: true, value: { request } });
});
afterEach(() => Reflect.deleteProperty(navigator, 'locks'));

const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve));
const keptSession = (): KeptSession =>
  new KeptSession(new SavedSessions(() => sessionStorage, PLACE));

describe('a session that its tab keeps for a reload', () => {
  it('is reserved as long as there is a claim to it', async () => {
    const kept = keptSession();
    kept.claimChanged(claimTo('A'));
    await settled();
    expect([...held]).toEqual([expect.stringContaining('A')]);
    kept.claimChanged(claimTo('B'));
    await settled();
    expect([...held]).toEqual([expect.stringContaining('B')]);
    kept.claimChanged(undefined);
    await settled();
    expect([held.size, kept.read()]).toEqual([0, undefined]);
  });

  it('is reserved once if it is resumed after the reload', async () => {
    const kept = keptSession();
    const reservation = await kept.hold('A');
    reservation?.accept();
    kept.claimChanged(claimTo('A'));
    await settled();
    expect(held.size).toBe(1);
  });

  it('can be given up for another window', async () => {
    (await keptSession().hold('A'))?.giveUp();
    await settled();
    expect(held.size).toBe(0);
  });

  it('cannot be taken from another window', async () => {
    await keptSession().hold('A');
    expect(await keptSession().hold('A')).toBeUndefined();
  });

  it('stores its screen again only after more output', () => {
    const kept = keptSession();
    const snapshot = jest.fn(() => 'screen');
    const claim = claimTo('A');
    kept.claimChanged(claim);
    for (const output of [5, 5, 7]) kept.saveScreen({ claim, output }, snapshot);
    expect(snapshot).toHaveBeenCalledTimes(2);
    expect(kept.read()).toMatchObject({ screen: 'screen', output: 7 });
    kept.saveScreen({ claim, output: 9 }, () => undefined);
    expect(kept.read()).toMatchObject({ output: 7 });
  });
});
