import type { SessionState } from '../session/connection/session-machine';
import { MAX_TABS, SessionTabs } from './session-tabs';

const target = (endpointId: string) => ({ deviceId: '1001', gateway: 'Factory', endpointId });
const OPEN = { phase: 'open', startedAtMs: 0, reachedAtMs: {} } as SessionState;

function tabsOf(...endpoints: string[]) {
  const tabs = new SessionTabs();
  const opened = endpoints.map(endpoint => tabs.open(target(endpoint)));
  for (const tab of opened) tabs.activate(tab);
  const order = (): string =>
    tabs
      .list()
      .map(tab => tab.target.endpointId)
      .join('');
  const active = (): string => tabs.active()?.target.endpointId ?? '';
  const shown = (): string =>
    tabs
      .shown()
      .map(tab => tab.target.endpointId)
      .join('');
  return { tabs, opened, order, active, shown };
}

describe('the tabs of a page', () => {
  it('are in the order in which they were opened, and have different ids', () => {
    const { tabs, order, active, shown } = tabsOf('a', 'b', 'c');
    expect([order(), active(), shown()]).toEqual(['abc', 'c', 'c']);
    expect(new Set(tabs.list().map(({ id }) => id)).size).toBe(3);
  });

  it('are full at some point', () => {
    const { tabs } = tabsOf(...Array.from({ length: MAX_TABS - 1 }, (_, n) => `${n}`));
    expect(tabs.isFull()).toBe(false);
    tabs.open(target('last'));
    expect(tabs.isFull()).toBe(true);
  });

  it('wrap around from the last to the first, and back', () => {
    const { tabs, opened } = tabsOf('a', 'b', 'c');
    expect(tabs.neighbour(1)).toBe(opened[0]);
    expect(tabs.neighbour(-1)).toBe(opened[1]);
  });

  it.each([
    ['to the front', 2, 0, 'cab'],
    ['to the end', 0, 2, 'bca'],
    ['by one', 0, 1, 'bac'],
    ['no further than the end', 0, 99, 'bca'],
    ['no further than the front', 1, -1, 'bac'],
    ['nowhere', 1, 1, 'abc'],
  ])('move %s', (_name, tab, place, expected) => {
    const { tabs, opened, order, active } = tabsOf('a', 'b', 'c');
    tabs.move(opened[tab]!, place);
    expect([order(), active()]).toEqual([expected, 'c']);
  });

  it('are replaced by the one that was used before', () => {
    const { tabs, opened, order, active } = tabsOf('a', 'b', 'c');
    tabs.activate(opened[0]!);
    tabs.remove(opened[0]!);
    expect([order(), active()]).toEqual(['bc', 'c']);
    tabs.remove(opened[1]!);
    expect(active()).toBe('c');
    tabs.remove(opened[2]!);
    expect([order(), active(), shown(tabs)]).toEqual(['', '', '']);
  });

  it('are found by their target; of several, the most recently used', () => {
    const { tabs, opened } = tabsOf('a', 'b', 'a');
    expect(tabs.find(target('a'))).toBe(opened[2]);
    tabs.activate(opened[0]!);
    expect(tabs.find(target('a'))).toBe(opened[0]);
    expect(tabs.find({ ...target('a'), deviceId: '1002' })).toBeUndefined();
    expect(tabs.find({ ...target('a'), watch: { sessionId: 'S' } })).toBeUndefined();
  });

  it('need no attention once they are looked at', () => {
    const { tabs, opened } = tabsOf('a', 'b');
    opened[0]!.needsAttention.set(true);
    tabs.activate(opened[0]!);
    expect(opened[0]!.needsAttention()).toBe(false);
  });
});

describe('two sessions side by side', () => {
  it('are the active one and the one used before, in the order of their tabs', () => {
    const { tabs, shown, active } = tabsOf('a', 'b', 'c');
    tabs.splitWith();
    expect([shown(), active()]).toEqual(['bc', 'c']);
    tabs.unsplit();
    expect(shown()).toBe('c');
  });

  it('stay a pair while another one is shown', () => {
    const { tabs, opened, shown } = tabsOf('a', 'b', 'c');
    tabs.splitWith(opened[0]);
    tabs.activate(opened[1]!);
    expect(shown()).toBe('b');
    tabs.activate(opened[0]!);
    expect(shown()).toBe('ac');
  });

  it('become one when the other is closed', () => {
    const { tabs, opened, shown, active } = tabsOf('a', 'b', 'c');
    tabs.splitWith(opened[0]);
    tabs.remove(opened[2]!);
    expect([shown(), active()]).toEqual(['a', 'a']);
  });

  it('need two', () => {
    const { tabs, opened, shown } = tabsOf('a');
    tabs.splitWith();
    tabs.splitWith(opened[0]);
    expect(shown()).toBe('a');
  });

  it.each([
    [30, 30],
    [33.4, 33],
    [-5, 20],
    [100, 80],
    [Number.NaN, 50],
  ])('share the space: %d percent are %d', (wanted, share) => {
    const { tabs } = tabsOf('a', 'b');
    tabs.resize(wanted);
    expect(tabs.share()).toBe(share);
  });
});

describe('the layout of a page', () => {
  it('restores the tabs with running sessions, in order', () => {
    const { tabs, opened } = tabsOf('a', 'b', 'c', 'd');
    for (const tab of opened) tab.state.set(OPEN);
    opened[1]!.state.set({ ...OPEN, phase: 'ended' } as SessionState);
    tabs.move(opened[3]!, 0);
    tabs.splitWith(opened[0]);
    tabs.resize(70);
    const layout = JSON.parse(JSON.stringify(tabs.layout('P'))) as ReturnType<typeof tabs.layout>;

    const after = new SessionTabs();
    after.restore(layout);
    expect(after.list().map(tab => tab.target)).toEqual(['d', 'a', 'c'].map(target));
    expect(after.list().every(tab => tab.isWaiting())).toBe(true);
    expect(after.active()?.target).toEqual(target('d'));
    expect(after.split()?.map(tab => tab.target.endpointId)).toEqual(['d', 'a']);
    expect(after.share()).toBe(70);
    expect(Number(after.open(target('e')).id)).toBeGreaterThan(4);
  });

  it('keeps those that were restored and are waiting', () => {
    const tabs = new SessionTabs();
    const layout = { page: 'P', active: '', split: [], share: 50 };
    tabs.restore({ ...layout, tabs: [{ id: '1', target: target('a') }] });
    expect(tabs.layout('P').tabs).toHaveLength(1);
  });

  it('takes over a session only once', () => {
    const tabs = new SessionTabs();
    tabs.open({ ...target('a'), takeOver: 'S' }).state.set(OPEN);
    expect(tabs.layout('P').tabs).toEqual([{ id: '1', target: target('a') }]);
  });

  it('has no more tabs than a page allows, whatever the storage contains', () => {
    const tabs = new SessionTabs();
    const stored = Array.from({ length: 50 }, (_, n) => ({ id: `${n}`, target: target(`${n}`) }));
    tabs.restore({ page: 'P', tabs: stored, active: '99', split: ['1', '1'], share: 50 });
    expect(tabs.list()).toHaveLength(MAX_TABS);
    expect(tabs.split()).toBeUndefined();
    expect(tabs.active()).toBeUndefined();
  });
});

function shown(tabs: SessionTabs): string {
  return tabs
    .shown()
    .map(({ id }) => id)
    .join('');
}
