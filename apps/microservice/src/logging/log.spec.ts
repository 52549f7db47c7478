import { Secret } from '@remote-access/settings';
import { joinLogContext, logContext, logSessionId, withCorrelationId } from './correlation';
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
  it('writes one line of JSON per event, whatever it contains', () => {
    const log = new Log({ logLevel: 'info' });
    log.info('two\nlines', { tenant: 't1', count: 2, list: ['a', 1], cause: new Error('why') });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'info',
      message: 'two\nlines',
      tenant: 't1',
      count: 2,
      list: ['a', 1],
      cause: expect.stringContaining('Error: why'),
    });
  });

  it('redacts secrets and text that looks like one, also in causes of causes', () => {
    const log = new Log({ logLevel: 'info' });
    const cause = new Error('outer', { cause: new Error('GET /x?token=hunter2') });
    log.error('Basic aHVudGVyMg== failed', { password: new Secret('hunter2'), cause });
    expect(lines[0]).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(lines[0]).toContain('******');
  });

  it('redacts fields that are named like a secret', () => {
    new Log({ logLevel: 'info' }).info('Failed', { password: 'hunter2', ticket: 'abc', port: 22 });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      password: '******',
      ticket: '******',
      port: 22,
    });
  });

  it('keeps an object in a field, and redacts it likewise', () => {
    const session = {
      durationMs: 5,
      password: 'hunter2',
      cause: new Error('GET /x?token=hunter2'),
    };
    new Log({ logLevel: 'info' }).info('Ended', { session });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      session: { durationMs: 5, password: '******', cause: expect.stringContaining('******') },
    });
    expect(lines[0]).not.toContain('hunter2');
  });

  it('omits events below its level', () => {
    const log = new Log({ logLevel: 'warn' });
    log.debug('d');
    log.info('i');
    log.log('n', 'Context');
    log.warn('w');
    expect(lines.map(line => (JSON.parse(line) as { message: string }).message)).toEqual(['w']);
  });

  it('keeps the context that Nest passes as text', () => {
    new Log({ logLevel: 'debug' }).log('Mapped', 'RouterExplorer');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'debug', context: 'RouterExplorer' });
  });

  it('names the request, and the session once it is known, also after an await', async () => {
    const log = new Log({ logLevel: 'info' });
    const id = await withCorrelationId(async correlationId => {
      log.info('before');
      logSessionId('s1');
      await Promise.resolve();
      log.info('after');
      return correlationId;
    });
    log.info('outside');
    const [before, after, outside] = lines.map(line => JSON.parse(line) as object);
    expect(before).toMatchObject({ correlationId: id });
    expect(before).not.toHaveProperty('sessionId');
    expect(after).toMatchObject({ correlationId: id, sessionId: 's1' });
    expect(outside).not.toHaveProperty('correlationId');
  });

  it("names the session in lines of a request that joins the session's request", () => {
    const log = new Log({ logLevel: 'info' });
    const joined = withCorrelationId(() => logContext());
    withCorrelationId(() => {
      joinLogContext({ correlationId: joined!.correlationId, sessionId: 's1' });
      log.info('joined');
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      correlationId: joined!.correlationId,
      sessionId: 's1',
    });
  });
});
