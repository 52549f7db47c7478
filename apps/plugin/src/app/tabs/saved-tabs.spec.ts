import { SavedTabs } from './saved-tabs';

const TAB = { id: '3', target: { deviceId: '1001', gateway: 'Factory', endpointId: '2' } };
const LAYOUT = { page: 'P', tabs: [TAB], active: '3', split: ['3', '4'], share: 60 };

beforeEach(() => sessionStorage.clear());

const savedBy = (user = 'ana', kind: 'page' | 'popup' = 'page'): SavedTabs =>
  new SavedTabs(() => sessionStorage, user, kind);

describe('the saved tabs of a page', () => {
  it('are restored until they are forgotten', () => {
    savedBy().save(LAYOUT);
    expect(savedBy().read()).toEqual(LAYOUT);
    savedBy().forget();
    expect(savedBy().read()).toBeUndefined();
  });

  it('are not shown to another user (security)', () => {
    savedBy().save(LAYOUT);
    expect(savedBy('ben').read()).toBeUndefined();
  });

  it('are not those of the window that opened this one', () => {
    savedBy().save(LAYOUT);
    expect(savedBy('ana', 'popup').read()).toBeUndefined();
  });

  it('keep which session a desktop watches', () => {
    const watching = { ...TAB, target: { ...TAB.target, watch: { sessionId: 'S' } } };
    savedBy().save({ ...LAYOUT, tabs: [watching] });
    expect(savedBy().read()?.tabs).toEqual([watching]);
  });

  it.each(['{', '[]', 'null', '"x"', '{"user":"ana"}', '{"user":"ana","page":"P","active":"1"}'])(
    'are absent if the storage says %s',
    text => {
      sessionStorage.setItem('remoteaccess.tabs', text);
      expect(savedBy().read()).toBeUndefined();
    },
  );

  it('leave out what is not a tab', () => {
    const odd = [null, 7, {}, { id: 'x', target: TAB.target }, { id: '1', target: {} }];
    const tabs = [...odd, { ...TAB, target: { ...TAB.target, watch: { sessionId: 7 } } }, TAB];
    const stored = { user: 'ana', ...LAYOUT, tabs, split: [7, '3'] };
    sessionStorage.setItem('remoteaccess.tabs', JSON.stringify(stored));
    expect(savedBy().read()).toEqual({ ...LAYOUT, split: ['3'] });
  });

  it('are simply absent if storage is forbidden', () => {
    const forbidden = new SavedTabs(
      () => {
        throw new DOMException('no', 'SecurityError');
      },
      'ana',
      'page',
    );
    forbidden.save(LAYOUT);
    expect(forbidden.read()).toBeUndefined();
  });
});
