import type { Endpoint } from '@remote-access/contracts';
import type { PlatformAnswer, PlatformCalls } from '../../host/platform-calls';
import { HeadStarts } from './head-starts';

const ENDPOINT = { id: '7', name: 'Press', protocol: 'SSH' } as Endpoint;
const accepted = (): Promise<boolean> => Promise.resolve(true);

function clicked(notice?: string) {
  const calls: string[] = [];
  const call = (_method: string, path: string, body?: object): Promise<PlatformAnswer> => {
    calls.push(path);
    if (path.endsWith('/settings')) {
      return Promise.resolve({ status: 200, body: { notice, noticeId: 'N' } });
    }
    const isAccepted = notice === undefined || 'noticeAccepted' in (body ?? {});
    return Promise.resolve(
      isAccepted
        ? { status: 201, body: { ticket: 'T' } }
        : { status: 428, body: { error: 'remoteaccess/notice-not-accepted', message: 'Read.' } },
    );
  };
  const heads = new HeadStarts();
  heads.begin({ call } as unknown as PlatformCalls, '1001', ENDPOINT);
  return { heads, calls };
}

describe('HeadStarts', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks for the ticket at once, and hands it over with the endpoint', async () => {
    const { heads, calls } = clicked();
    expect(calls).toHaveLength(1);
    const begun = heads.take('1001', '7', accepted)!;
    expect(begun.endpoint).toBe(ENDPOINT);
    expect(await begun.tickets.requestTicket()).toMatchObject({ ticket: 'T' });
    expect(calls).toHaveLength(1);
  });

  it('hands it over once, and only to the page of that endpoint', () => {
    const { heads } = clicked();
    expect(heads.take('1002', '7', accepted)).toBeUndefined();
    expect(heads.take('1001', '8', accepted)).toBeUndefined();
    expect(heads.take('1001', '7', accepted)).toBeDefined();
    expect(heads.take('1001', '7', accepted)).toBeUndefined();
  });

  it('counts for a user who has just clicked', () => {
    jest.useFakeTimers();
    const { heads } = clicked();
    jest.advanceTimersByTime(10_001);
    expect(heads.take('1001', '7', accepted)).toBeUndefined();
  });

  it('leaves the notice to the page', async () => {
    const { heads } = clicked('Be careful.');
    const shown: string[] = [];
    await new Promise(resolve => setTimeout(resolve));
    const begun = heads.take('1001', '7', notice => {
      shown.push(notice);
      return accepted();
    })!;
    expect(await begun.tickets.requestTicket()).toMatchObject({ ticket: 'T' });
    expect(shown).toEqual(['Be careful.']);
  });
});
