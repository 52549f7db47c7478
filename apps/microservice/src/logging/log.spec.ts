import { Secret } from '@remote-access/settings';
import { Log } from './log';

const lines: string[] = [];
let stdout: jest.SpyInstance;
beforeEach(() => {
  lines.length = 0;
  stdout = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation(line => lines.push(String(line)) > 0);
});
afterEach(() => stdout.mockRestore());

describe('the log', () => {
  it('writes one line of JSON per event, whatever is in it', () => {
    const log = new Log({ logLevel: 'info' });
    log.info('two\nlines', { tenant: 't1', count: 2, list: ['a', 1], cause: new Error('why') });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      message: 'two\nlines',
      tenant: 't1',
      count: 2,
      list: ['a', 1],
      cause: expect.stringContaining('Error: why'),
    });
  });

  it('blanks secrets and what looks like one, also in causes of causes', () => {
    const log = new Log({ logLevel: 'info' });
    const cause = new Error('outer', { cause: new Error('GET /x?token=hunter2') });
    log.error('Basic aHVudGVyMg== failed', { password: new Secret('hunter2'), cause });
    expect(lines[0]).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(lines[0]).toContain('******');
  });

  it('leaves out what is louder than its level', () => {
    const log = new Log({ logLevel: 'warn' });
    log.debug('d');
    log.info('i');
    log.log('n', 'Context');
    log.warn('w');
    expect(lines.map(line => (JSON.parse(line) as { message: string }).message)).toEqual(['w']);
  });
});
