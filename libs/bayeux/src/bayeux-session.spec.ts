import { BayeuxError, BayeuxSession, type BayeuxMessage } from './bayeux-session';
import { LongPollingTransport, type PostMessages } from './long-polling-transport';

type Post = Parameters<PostMessages>;

/** A session over long polling whose requests a test answers, in order. */
function sessionWith(...answers: unknown[][]) {
  const posts: Post[] = [];
  const received: BayeuxMessage[] = [];
  const post = (...call: Post): Promise<unknown> => {
    posts.push(call);
    return Promise.resolve(answers.shift());
  };
  const transport = new LongPollingTransport(
    post,
    message => received.push(message),
    new AbortController().signal,
  );
  return { session: new BayeuxSession(transport), posts, received };
}

const success = (channel: string, more: object = {}) => ({ channel, successful: true, ...more });

describe('BayeuxSession', () => {
  it('sends its client id after the handshake', async () => {
    const { session, posts } = sessionWith(
      [success('/meta/handshake', { clientId: 'c' })],
      [success('/meta/subscribe')],
    );
    await session.handshake();
    await session.subscribe('/1001');
    expect(posts.map(([[message]]) => message)).toEqual([
      {
        channel: '/meta/handshake',
        id: '1',
        version: '1.0',
        minimumVersion: '1.0',
        supportedConnectionTypes: ['long-polling'],
      },
      { channel: '/meta/subscribe', id: '2', clientId: 'c', subscription: '/1001' },
    ]);
  });

  it.each([
    [0, 40_000],
    [20_000, 30_000],
    [5_400_000, 610_000],
  ])('waits as long as the server advises: %i ms', async (timeout, timeoutMs) => {
    const { session, posts } = sessionWith(
      [success('/meta/handshake', { advice: { timeout } })],
      [success('/meta/connect')],
    );
    await session.handshake();
    await session.connect();
    expect(posts.at(-1)?.[1]).toMatchObject({ timeoutMs });
  });

  it('passes on the messages that come with a response', async () => {
    const delivered = { channel: '/1001', data: { id: '7' } };
    const { session, received } = sessionWith([delivered, success('/meta/connect')]);
    await session.connect();
    expect(received).toEqual([delivered]);
  });

  it.each([
    ['a refusal', [{ channel: '/meta/connect', successful: false, error: '402::x' }], /402::x/],
    ['no answer', [{ channel: '/1001' }], /no answer/],
    ['another language', undefined, /does not speak Bayeux/],
    ['an array of something else', [null], /does not speak Bayeux/],
    ['a message without a channel', [{ successful: true }], /does not speak Bayeux/],
  ])('throws on %s', async (_what, answer, text) => {
    const { session } = sessionWith(answer as unknown[]);
    const failed = session.connect();
    await expect(failed).rejects.toThrow(BayeuxError);
    await expect(failed).rejects.toThrow(text);
  });

  it('has nothing to disconnect before the handshake', async () => {
    const { session, posts } = sessionWith();
    await session.disconnect();
    expect(posts).toEqual([]);
  });
});
