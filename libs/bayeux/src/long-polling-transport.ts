import { areMessages } from './are-messages';
import { BayeuxError, type BayeuxMessage, type BayeuxTransport } from './bayeux-session';

/** Added to the time for which the server may hold a response. */
const NETWORK_DELAY_MS = 10_000;

/** Nothing depends on the response to a disconnect. */
const DISCONNECT_TIMEOUT_MS = 1_000;

/**
 * Posts messages to the server's Bayeux address.
 * @returns the JSON of the response
 * @throws if the server refuses the request, cannot be reached or does not respond in time
 */
export type PostMessages = (
  messages: readonly BayeuxMessage[],
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
) => Promise<unknown>;

/** One HTTP request per message. The server holds a connect until it has something to deliver. */
export class LongPollingTransport implements BayeuxTransport {
  readonly connectionType = 'long-polling';

  /**
   * @param receive called with each message on a subscribed channel
   * @param signal aborts the requests in progress; only a disconnect can be sent afterwards
   */
  constructor(
    private readonly post: PostMessages,
    private readonly receive: (message: BayeuxMessage) => void,
    readonly signal: AbortSignal,
  ) {}

  async send(message: BayeuxMessage, holdMs?: number): Promise<BayeuxMessage> {
    const answers = await this.post([message], this.optionsOf(message, holdMs));
    if (!areMessages(answers)) throw new BayeuxError('the platform does not speak Bayeux');
    const answer = answers.find(({ channel }) => channel === message.channel);
    if (!answer) throw new BayeuxError(`${message.channel} failed: no answer`);
    for (const one of answers) if (!one.channel.startsWith('/meta/')) this.receive(one);
    return answer;
  }

  private optionsOf({ channel }: BayeuxMessage, holdMs?: number): Parameters<PostMessages>[1] {
    if (channel === '/meta/disconnect') return { timeoutMs: DISCONNECT_TIMEOUT_MS };
    const { signal } = this;
    return holdMs === undefined ? { signal } : { signal, timeoutMs: holdMs + NETWORK_DELAY_MS };
  }
}
