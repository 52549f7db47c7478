import {
  type ClosingMessage,
  type KeyboardMessage,
  type Refusal,
  RemoteAccessError,
  type ServerMessage,
  type WatchAnswerMessage,
  type WatchingMessage,
} from '@remote-access/contracts';

/** Watchers per session: enough for a class, or for a shift handover. */
export const MAX_WATCHERS = 8;

/** An unanswered request is declined after this time. */
const ANSWER_TIMEOUT_MS = 60_000;

/** One watcher of a session. */
export interface WatchingParty {
  readonly user: string;
  /** Whether it can be given the keyboard. */
  readonly canType: boolean;
  show(state: WatchingMessage | ClosingMessage): void;
  /**
   * Another replica is stopping, through which it may be connected.
   * @param graceMs until then; 0 if the time is over
   */
  replicaLeaves(replica: string, graceMs: number): void;
  /** The user declined, possibly after watching had begun. */
  end(error: RemoteAccessError): void;
}

/** A watcher's place among the watchers of a session. */
export interface WatchingPlace {
  /** Resolves when the watcher is accepted; rejects with `watch-declined`. */
  readonly accepted: Promise<void>;
  /** Whether the user has handed the keyboard to it. */
  readonly hasKeyboard: boolean;
  /** The watcher has left. */
  leave(): void;
}

interface Party {
  readonly party: WatchingParty;
  /** Present while the user's answer is pending. */
  question:
    { readonly timer: NodeJS.Timeout; readonly answer: (allow: boolean) => void } | undefined;
}

interface WatchersOptions {
  /** The user whose session it is. */
  readonly user: string;
  tellUser(message: ServerMessage): void;
  /** Adds an event to the audit log. @param event without subject and period, e.g. `watches` */
  record(user: string, event: string): void;
}

/**
 * The watchers of a session. The session's user sees who they are, is asked first if the tenant
 * requires it, hands over the keyboard and takes it back. Only the user decides: input from
 * watchers is not processed here.
 */
export class Watchers {
  private readonly parties = new Map<number, Party>();
  private lastId = 0;
  private keyboard: number | null = null;

  /** @param isUserAway whether the user's connection is lost already */
  constructor(
    private readonly options: WatchersOptions,
    private isUserAway: boolean,
  ) {}

  get isFull(): boolean {
    return this.parties.size >= MAX_WATCHERS;
  }

  /** Whether a watcher has the keyboard. */
  get hasHandedOver(): boolean {
    return this.keyboard !== null;
  }

  /** @param asks whether the user has to agree */
  admit(party: WatchingParty, asks: boolean): WatchingPlace {
    const id = ++this.lastId;
    const joined: Party = { party, question: undefined };
    this.parties.set(id, joined);
    const accepted = asks ? this.ask(id, joined) : Promise.resolve();
    this.tellAll();
    const hasKeyboard = (): boolean => this.keyboard === id;
    return {
      accepted,
      get hasKeyboard() {
        return hasKeyboard();
      },
      leave: () => this.remove(id, new RemoteAccessError('session-not-found')),
    };
  }

  /** The user has answered the request, or changed the answer later. */
  answered({ id, allow }: WatchAnswerMessage): void {
    const found = this.parties.get(id);
    if (!found) return;
    const { question, party } = found;
    if (question) return question.answer(allow);
    if (allow) return;
    this.options.record(this.options.user, `ended that "${party.user}" watches`);
    this.remove(id);
    party.end(new RemoteAccessError('watch-declined'));
  }

  /** The user hands the keyboard over, or takes it back. */
  handOver({ watcher }: KeyboardMessage): void {
    const found = watcher === null ? undefined : this.parties.get(watcher);
    const mayType = watcher === null || (found?.party.canType && !found.question);
    if (!mayType || this.keyboard === watcher) return;
    this.keyboard = watcher;
    const event = found ? `handed the keyboard to "${found.party.user}"` : TOOK_BACK;
    this.options.record(this.options.user, event);
    this.tellAll();
  }

  /** The user's connection is lost; the keyboard is taken back, so that nobody types unobserved. */
  userLost(): void {
    this.isUserAway = true;
    if (this.keyboard !== null) this.options.record(this.options.user, TOOK_BACK);
    this.keyboard = null;
    this.tellAll();
  }

  userReturned(): void {
    this.isUserAway = false;
    if (this.parties.size > 0) this.tellAll();
  }

  /** The session will end. */
  announceEnd(closing: ClosingMessage): void {
    for (const { party } of this.parties.values()) party.show(closing);
  }

  replicaLeaves(replica: string, graceMs: number): void {
    for (const { party } of [...this.parties.values()]) party.replicaLeaves(replica, graceMs);
  }

  /** The session is over. */
  close(): void {
    for (const { question } of this.parties.values()) question?.answer(false);
  }

  private ask(id: number, joined: Party): Promise<void> {
    return new Promise((resolve, reject) => {
      const answer = (allow: boolean): void => {
        clearTimeout(joined.question?.timer);
        joined.question = undefined;
        if (allow) {
          this.tellAll();
          resolve();
        } else {
          this.remove(id);
          reject(new RemoteAccessError('watch-declined'));
        }
      };
      joined.question = { timer: setTimeout(() => answer(false), ANSWER_TIMEOUT_MS), answer };
    });
  }

  private remove(id: number, unanswered?: Refusal): void {
    const found = this.parties.get(id);
    if (!found) return;
    if (found.question && unanswered) return found.question.answer(false);
    this.parties.delete(id);
    if (this.keyboard === id) {
      this.keyboard = null;
      this.options.record(found.party.user, 'gave the keyboard back');
    }
    this.tellAll();
  }

  private tellAll(): void {
    const { keyboard } = this;
    const watchers = [...this.parties].map(([id, { party, question }]) => ({
      id,
      user: party.user,
      asks: question !== undefined,
    }));
    this.options.tellUser({ type: 'watchers', watchers, keyboard });
    for (const [id, { party, question }] of this.parties) {
      party.show(this.shownTo(id, question !== undefined));
    }
  }

  private shownTo(id: number, asks: boolean): WatchingMessage {
    const { keyboard, isUserAway } = this;
    const { user } = this.options;
    const state = asks ? 'asking' : isUserAway ? 'away' : 'watching';
    if (keyboard === null) return { type: 'watching', user, state, keyboard: 'user' };
    if (keyboard === id) return { type: 'watching', user, state, keyboard: 'you' };
    const typist = this.parties.get(keyboard)?.party.user ?? '';
    return { type: 'watching', user, state, keyboard: 'other', typist };
  }
}

const TOOK_BACK = 'took the keyboard back';
