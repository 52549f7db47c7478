import type { Caller } from '../auth/caller';
import { PlatformRefusal } from '../auth/platform-refusal';
import type { Change } from '../store/collection';
import type { BayeuxAdvice, BayeuxMessage } from './bayeux-message';
import { BayeuxSession, type Link, type SignIn } from './bayeux-session';
import type { ChannelSet } from './channels';

/** How long a connect is held: less than the 30 s after which some proxies give up. */
export const CONNECT_TIMEOUT_MS = 25_000;

const RETRY: BayeuxAdvice = { reconnect: 'retry', interval: 0, timeout: CONNECT_TIMEOUT_MS };

/** The sender of messages, and its connection. */
export interface Sender {
  readonly link: Link;
  /** How to authenticate a client that sends this handshake. */
  signIn(handshake: BayeuxMessage): SignIn;
  /** The caller, if the request itself has credentials. */
  readonly caller?: Caller;
}

/** A Bayeux server for one set of channels. */
export class BayeuxServer {
  private readonly sessions = new Map<string, BayeuxSession>();

  constructor(private readonly channels: ChannelSet) {}

  /**
   * Answers the messages of one request or frame. A connect on its own is held; a connect among
   * other messages is answered at once, so that the others do not wait.
   *
   * @returns the queued messages of the client, followed by the responses
   */
  async receive(messages: readonly BayeuxMessage[], sender: Sender): Promise<BayeuxMessage[]> {
    const answers: BayeuxMessage[] = [];
    for (const message of messages) {
      answers.push(...(await this.answer(message, sender, messages.length === 1)));
    }
    return answers;
  }

  /** Whether a client has signed in on this connection, or continued its session there. */
  hasClientOn(link: Link): boolean {
    return [...this.sessions.values()].some(session => session.isOn(link));
  }

  /** Delivers a change to those subscribers who may read it. */
  announce(change: Change): void {
    const channels = this.channels.channelsOf(change);
    if (channels.length === 0) return;
    // Later changes of the store must not change queued messages.
    const data = structuredClone(this.channels.dataOf(change));
    for (const session of [...this.sessions.values()]) {
      const subscribed = channels.filter(channel => isSubscribed(session, channel));
      if (subscribed.length === 0) continue;
      const caller = session.signIn();
      if (caller instanceof PlatformRefusal) session.end();
      else if (caller.tenant === change.tenant && this.channels.mayReceive(change, caller)) {
        for (const channel of subscribed) session.deliver({ channel, data });
      }
    }
  }

  stop(): void {
    for (const session of [...this.sessions.values()]) session.end();
  }

  private async answer(
    message: BayeuxMessage,
    sender: Sender,
    mayHold: boolean,
  ): Promise<BayeuxMessage[]> {
    if (message.channel === '/meta/handshake') return [this.handshake(message, sender)];
    const session = this.sessions.get(message.clientId ?? '');
    if (!session || !isOf(session, sender)) return [unknownClient(message)];
    session.attach(sender.link);
    switch (message.channel) {
      case '/meta/connect':
        return this.connect(message, session, sender.link, mayHold);
      case '/meta/subscribe':
        return [this.subscribe(message, session)];
      case '/meta/unsubscribe':
        for (const channel of channelsIn(message)) session.unsubscribe(channel);
        return [success(message, { subscription: message.subscription })];
      case '/meta/disconnect':
        session.end();
        return [success(message)];
      default:
        return [failure(message, 403, message.channel, 'Clients cannot publish')];
    }
  }

  private handshake(message: BayeuxMessage, sender: Sender): BayeuxMessage {
    const signIn = sender.signIn(message);
    const caller = signIn();
    if (caller instanceof PlatformRefusal) {
      return {
        ...failure(message, caller.status, '', caller.message),
        advice: { reconnect: 'none' },
      };
    }
    const session = new BayeuxSession(signIn, () => this.sessions.delete(session.id));
    this.sessions.set(session.id, session);
    session.attach(sender.link);
    return success(
      { ...message, clientId: session.id },
      {
        version: '1.0',
        supportedConnectionTypes: ['websocket', 'long-polling'],
        advice: RETRY,
      },
    );
  }

  private async connect(
    message: BayeuxMessage,
    session: BayeuxSession,
    link: Link,
    mayHold: boolean,
  ): Promise<BayeuxMessage[]> {
    await session.hold(mayHold ? holdMs(message) : 0, link);
    // The client has left; its messages wait for the next connect.
    if (link.gone) return [];
    if (!this.sessions.has(session.id)) return [unknownClient(message)];
    return [...session.take(), success(message, { advice: RETRY })];
  }

  private subscribe(message: BayeuxMessage, session: BayeuxSession): BayeuxMessage {
    const channels = channelsIn(message);
    const { subscription } = message;
    const caller = session.signIn();
    if (channels.length === 0) return failure(message, 400, '', 'A subscription is missing');
    if (caller instanceof PlatformRefusal) {
      return { ...failure(message, caller.status, '', caller.message), subscription };
    }
    for (const channel of channels) {
      const refusal = this.channels.refusal(channel, caller);
      if (!refusal) continue;
      return { ...failure(message, refusal.code, channel, refusal.text), subscription };
    }
    for (const channel of channels) {
      session.subscribe(channel, this.channels.listens?.(channel, caller) ?? (() => undefined));
    }
    return success(message, { subscription });
  }
}

function isSubscribed(session: BayeuxSession, channel: string): boolean {
  const all = `${channel.slice(0, channel.lastIndexOf('/'))}/*`;
  return session.isSubscribed(channel) || session.isSubscribed(all);
}

/** A session belongs to its user. Without credentials, knowing the client id is sufficient. */
function isOf(session: BayeuxSession, { caller }: Sender): boolean {
  if (!caller) return true;
  const owner = session.signIn();
  return (
    !(owner instanceof PlatformRefusal) &&
    owner.tenant === caller.tenant &&
    owner.user.id === caller.user.id
  );
}

function holdMs({ advice }: BayeuxMessage): number {
  const wanted = advice?.timeout;
  return typeof wanted === 'number' && wanted >= 0
    ? Math.min(wanted, CONNECT_TIMEOUT_MS)
    : CONNECT_TIMEOUT_MS;
}

function channelsIn({ subscription }: BayeuxMessage): string[] {
  return typeof subscription === 'string' ? [subscription] : (subscription ?? []);
}

function success(message: BayeuxMessage, more: Partial<BayeuxMessage> = {}): BayeuxMessage {
  return { ...frameOf(message), successful: true, ...more };
}

function failure(
  message: BayeuxMessage,
  code: number,
  argument: string,
  text: string,
): BayeuxMessage {
  return { ...frameOf(message), successful: false, error: `${code}:${argument}:${text}` };
}

function unknownClient(message: BayeuxMessage): BayeuxMessage {
  return {
    ...failure(message, 402, message.clientId ?? '', 'Unknown client'),
    advice: { reconnect: 'handshake', interval: 0 },
  };
}

function frameOf({ channel, id, clientId }: BayeuxMessage): BayeuxMessage {
  return { channel, ...(id !== undefined && { id }), ...(clientId !== undefined && { clientId }) };
}
