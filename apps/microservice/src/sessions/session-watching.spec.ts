import type { ResumableClient } from './resumable-client';
import { repliesIn, SessionWatching } from './session-watching';

const passed = (text: string): string => repliesIn(Buffer.from(text, 'latin1')).toString('latin1');

describe('what a terminal sends while its user does not have the keyboard', () => {
  it.each([
    ['device attributes', '\x1b[?1;2c'],
    ['secondary device attributes', '\x1b[>0;276;0c'],
    ['its status', '\x1b[0n'],
    ['the position of the cursor', '\x1b[24;80R'],
    ['the position of the cursor, DEC', '\x1b[?24;80R'],
    ['a mode', '\x1b[?2026;2$y'],
    ['a setting', '\x1bP1$r0 q\x1b\\'],
    ['a colour', '\x1b]11;rgb:1414/1717/1a1a\x1b\\'],
    ['a colour of the palette', '\x1b]4;7;rgb:ff/ff/ff\x07'],
  ])('reaches the program if it is %s', (_name, reply) => {
    expect(passed(reply)).toBe(reply);
  });

  it.each([
    ['text', 'rm -rf\r'],
    ['control characters', '\x03\x04\x1b'],
    ['arrows and function keys', '\x1b[A\x1bOP\x1b[15~'],
    ['the mouse', '\x1b[<0;10;10M'],
    ['a paste', '\x1b[200~reboot\r\x1b[201~'],
    ['an answer with text in it', '\x1b]11;reboot\r\x1b[A'],
  ])('goes nowhere if it is %s (security)', (_name, typed) => {
    expect(passed(typed)).toBe('');
  });

  it('is split into typing and replies', () => {
    expect(passed('ls\r\x1b[5;1Rpwd\r\x1b[0n')).toBe('\x1b[5;1R\x1b[0n');
  });

  it('is processed in linear time', () => {
    const hostile = Buffer.from('\x1b]11;'.repeat(200_000) + '\x1bP1$r'.repeat(200_000), 'latin1');
    expect(repliesIn(hostile).length).toBe(0);
  });
});

describe('a session', () => {
  const party = {
    ...{ user: 'eva', canType: true },
    ...{ show: jest.fn(), replicaLeaves: jest.fn(), end: jest.fn() },
  };

  it('observes output and filters input only once somebody watches', () => {
    const client = { bytesOut: 0, oldest: 0, watchOutput: jest.fn(), filterInput: jest.fn() };
    const session = {
      user: 'otto',
      protocol: 'SSH',
      tellUser: jest.fn(),
      record: jest.fn(),
    } as const;
    const watching = new SessionWatching(session);
    watching.opened(client as unknown as ResumableClient);
    watching.handle({ type: 'watchable' });
    expect(watching.refusal()).toBeUndefined();
    expect(client.watchOutput).not.toHaveBeenCalled();
    expect(client.filterInput).not.toHaveBeenCalled();
    const { leave } = watching.admit(party, false);
    expect(client.filterInput).toHaveBeenCalledTimes(1);
    leave();
    watching.admit(party, false).leave();
    expect(client.filterInput).toHaveBeenCalledTimes(1);
    watching.close();
  });

  it('tells its first watcher that the user is away', () => {
    const session = {
      user: 'otto',
      protocol: 'VNC',
      tellUser: jest.fn(),
      record: jest.fn(),
    } as const;
    const watching = new SessionWatching(session);
    watching.opened(undefined);
    watching.handle({ type: 'watchable' });
    watching.userLost();
    const show = jest.fn();
    watching.admit({ ...party, show }, false);
    expect(show).toHaveBeenLastCalledWith(expect.objectContaining({ state: 'away' }));
    watching.userReturned();
    expect(show).toHaveBeenLastCalledWith(expect.objectContaining({ state: 'watching' }));
    watching.close();
  });
});
