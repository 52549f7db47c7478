import { newResumeKey, ResumeClaim } from './resume-claim';
import { forgetSessions, SavedSessions, KeptSession } from './saved-session';

const PLACE = { user: 'ana', deviceId: '1001', endpointId: '2', tab: '1' };
const claim = (): ResumeClaim => new ResumeClaim('S', 120, [newResumeKey()]);

/** A storage like the browser's, with room for a number of characters. */
function storageOf(room = Infinity): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index: number) => [...items.keys()][index] ?? null,
    getItem: (name: string) => items.get(name) ?? null,
    removeItem: (name: string) => void items.delete(name),
    setItem: (name: string, value: string) => {
      if (value.length > room) throw new DOMException('full', 'QuotaExceededError');
      items.set(name, value);
    },
  } as unknown as Storage;
}

describe('a saved session', () => {
  it("is restored with its keys, its screen and the screen's offset", () => {
    const storage = storageOf();
    const mine = claim();
    const saved = new SavedSessions(() => storage, PLACE);
    saved.saveClaim(mine);
    saved.saveScreen(mine, 'top\r\n$ ', 4_711);
    expect(new SavedSessions(() => storage, PLACE).read()).toMatchObject({
      claim: { sessionId: 'S', seconds: 120, keys: mine.keys },
      screen: 'top\r\n$ ',
      output: 4_711,
    });
    saved.saveClaim(undefined);
    expect(saved.read()).toBeUndefined();
  });

  it.each([
    ['another user', { user: 'ben' }],
    ['another device', { deviceId: '1002' }],
    ['another endpoint', { endpointId: '3' }],
  ])('is not restored for %s', (_name, change) => {
    const storage = storageOf();
    new SavedSessions(() => storage, PLACE).saveClaim(claim());
    const other = new SavedSessions(() => storage, { ...PLACE, ...change });
    expect(other.read()).toBeUndefined();
    // What another user left behind is removed; the same user may return to the endpoint.
    const isLeft = new SavedSessions(() => storage, PLACE).read() !== undefined;
    expect(isLeft).toBe(!('user' in change));
  });

  it('is restored without its screen if the storage is full', () => {
    const storage = storageOf(1_000);
    const mine = claim();
    const saved = new SavedSessions(() => storage, PLACE);
    saved.saveClaim(mine);
    saved.saveScreen(mine, 'first', 5);
    saved.saveScreen(mine, 'x'.repeat(2_000), 2_005);
    expect(saved.read()).toMatchObject({ screen: '', output: 0 });
  });

  it('does not show the screen of another session', () => {
    const storage = storageOf();
    const saved = new SavedSessions(() => storage, PLACE);
    saved.saveScreen(new ResumeClaim('before', 120, []), 'secret', 6);
    saved.saveClaim(claim());
    expect(saved.read()).toMatchObject({ screen: '', output: 0 });
  });

  it('belongs to its tab', () => {
    const storage = storageOf();
    new SavedSessions(() => storage, PLACE).saveClaim(claim());
    const other = new SavedSessions(() => storage, { ...PLACE, tab: '2' });
    expect(other.read()).toBeUndefined();
    other.saveClaim(new ResumeClaim('T', 120, [newResumeKey()]));
    expect(other.read()).toMatchObject({ claim: { sessionId: 'T' } });
    expect(new SavedSessions(() => storage, PLACE).read()).toMatchObject({
      claim: { sessionId: 'S' },
    });
  });

  it('is forgotten with those of all tabs, and nothing else', () => {
    const storage = storageOf();
    const all = ['1', '2'].map(tab => new SavedSessions(() => storage, { ...PLACE, tab }));
    for (const saved of all) saved.saveClaim(claim());
    storage.setItem('_tcy8', 'sign-in');
    forgetSessions(() => storage);
    expect(all.map(saved => saved.read())).toEqual([undefined, undefined]);
    expect(storage.getItem('_tcy8')).toBe('sign-in');
  });

  it('is simply absent if storage is forbidden or was modified', () => {
    const forbidden = new SavedSessions(() => {
      throw new DOMException('no', 'SecurityError');
    }, PLACE);
    forbidden.saveClaim(claim());
    forbidden.saveScreen(claim(), 'x', 1);
    expect(forbidden.read()).toBeUndefined();
    const storage = storageOf();
    for (const text of ['{', '[]', '"x"', 'null', '{"user":"ana","keys":[7]}']) {
      storage.setItem('remoteaccess.session.claim.1', text);
      expect(new SavedSessions(() => storage, PLACE).read()).toBeUndefined();
    }
  });
});

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
