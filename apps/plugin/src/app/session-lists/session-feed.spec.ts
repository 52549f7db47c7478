import type { RunningSession } from '@remote-access/contracts';
import { Refusal } from '../ui/refusal';
import { POLL_EVERY_MS, SessionFeed, SILENT_AFTER_MS } from './session-feed';
import { type SessionCalls, SessionListClient } from './session-list';

const one = { id: '1' } as RunningSession;
const two = { id: '2' } as RunningSession;
const line = (...sessions: RunningSession[]): string => `${JSON.stringify(sessions)}\n`;

/** What a stream sends: chunks of text; then it ends, fails, or stays open. */
interface Script {
  readonly parts?: readonly string[];
  readonly then?: 'end' | 'fail' | 'wait';
}

/** A service whose streams follow one script after another, and are then refused. */
function service(scripts: readonly Script[], lists: readonly unknown[] = []) {
  const seen = { streams: 0, polls: 0, aborted: 0 };
  const calls: SessionCalls = {
    platform: {
      call: () => {
        const body = lists[Math.min(seen.polls, lists.length - 1)];
        seen.polls += 1;
        return Promise.resolve({ status: body === undefined ? 503 : 200, body });
      },
    },
    streams: {
      async *stream(_path, _accept, signal) {
        const { parts = [], then = 'end' } = scripts[seen.streams] ?? {};
        seen.streams += 1;
        yield* parts;
        if (then === 'fail') throw new TypeError('network error');
        if (then === 'wait') {
          await new Promise<void>((_resolve, reject) =>
            signal.addEventListener('abort', () => {
              seen.aborted += 1;
              reject(new DOMException('aborted', 'AbortError'));
            }),
          );
        }
      },
    },
  };
  return { client: new SessionListClient(calls), seen };
}

/** Follows a feed; `ids` of each list, or the code of the refusal. */
function follow(client: SessionListClient) {
  const lists: string[] = [];
  const feed = new SessionFeed(client, content =>
    lists.push(content instanceof Refusal ? 'refused' : content.map(({ id }) => id).join('')),
  );
  return { feed, lists };
}

const turns = (ms = 0): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('SessionFeed', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('passes on each list of a stream, wherever the network splits it', async () => {
    const text = line(one) + line(one, two) + line();
    for (let cut = 0; cut <= text.length; cut += 1) {
      const { client } = service([{ parts: [text.slice(0, cut), text.slice(cut)], then: 'wait' }]);
      const { feed, lists } = follow(client);
      await turns();
      expect(lists).toEqual(['1', '12', '']);
      feed.stop();
    }
  });

  it('opens the next stream when the service ends one', async () => {
    const { client, seen } = service([
      { parts: [line(one)] },
      { parts: [line(two)], then: 'wait' },
    ]);
    const { feed, lists } = follow(client);
    await turns();
    expect(lists).toEqual(['1', '2']);
    expect(seen).toMatchObject({ streams: 2, polls: 0 });
    feed.stop();
  });

  it('polls if streams are refused, lost or silent, and retries a stream now and then', async () => {
    const { client, seen } = service(
      [{}, { then: 'fail' }, { then: 'wait' }, { parts: [line(two)], then: 'wait' }],
      [[], [one]],
    );
    const { feed, lists } = follow(client);
    await turns();
    await turns(POLL_EVERY_MS);
    expect(lists).toEqual(['', '1']);
    const waited = { ms: 0 };
    for (; seen.streams < 4; waited.ms += 1_000) await turns(1_000);
    expect(waited.ms).toBeGreaterThan(SILENT_AFTER_MS);
    expect(seen).toMatchObject({ streams: 4, aborted: 1 });
    expect(lists.at(-1)).toBe('2');
    feed.stop();
  });

  it('reports a refusal, and asks again', async () => {
    const { client } = service([], []);
    const { feed, lists } = follow(client);
    await turns(POLL_EVERY_MS);
    expect(lists).toEqual(['refused', 'refused']);
    feed.stop();
  });

  it('ends its stream, and reports nothing more, when it is stopped', async () => {
    const { client, seen } = service([{ parts: [line(one)], then: 'wait' }], [[two]]);
    const { feed, lists } = follow(client);
    await turns();
    const late = feed.refresh();
    feed.stop();
    await late;
    await turns(10 * POLL_EVERY_MS);
    expect(seen).toMatchObject({ streams: 1, aborted: 1 });
    expect(lists).toEqual(['1']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
