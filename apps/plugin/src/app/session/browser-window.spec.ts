import { BackgroundNotices, type NoticeBoard } from './browser-window';

function board(change: Partial<NoticeBoard> = {}) {
  const shown: string[] = [];
  const marks: boolean[] = [];
  const notices = new BackgroundNotices({
    isHidden: true,
    permission: 'granted',
    show: (title, text) => shown.push(`${title}: ${text}`),
    mark: isMarked => marks.push(isMarked),
    ...change,
  });
  return { notices, shown, marks };
}

describe('what happens in a tab in the background', () => {
  it('is shown as a notification and marked until the tab is looked at', () => {
    const { notices, shown, marks } = board();
    notices.tell('Robot', 'Bell', () => undefined);
    notices.seen();
    expect(shown).toEqual(['Robot: Bell']);
    expect(marks).toEqual([true, false]);
  });

  it.each(['default', 'denied', 'unsupported'] as const)(
    'is only marked while the permission is %s',
    permission => {
      const { notices, shown, marks } = board({ permission });
      notices.tell('Robot', 'Bell', () => undefined);
      expect(shown).toEqual([]);
      expect(marks).toEqual([true]);
    },
  );

  it('is not reported to a user who can see it', () => {
    const { notices, shown, marks } = board({ isHidden: false });
    notices.tell('Robot', 'Bell', () => undefined);
    expect([...shown, ...marks]).toEqual([]);
  });

  it('is only marked if the browser allows notifications from service workers only', () => {
    const { notices, marks } = board({
      show: () => {
        throw new TypeError('Illegal constructor');
      },
    });
    notices.tell('Robot', 'Bell', () => undefined);
    expect(marks).toEqual([true]);
  });
});
