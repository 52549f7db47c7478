import { COMMANDS, type Verb } from './telnet-codes';

/**
 * Answers per option between two user actions. Legitimate peers need a handful; the limit stops a
 * peer that alternates WILL and WONT forever.
 */
const ANSWERS_PER_OPTION = 64;

/** `local` options are performed by this end (WILL), `remote` ones by the peer (DO). */
export type Side = 'local' | 'remote';

/** The states of RFC 1143, including the queue bit. */
type State = 'no' | 'yes' | 'want-no' | 'want-no-yes' | 'want-yes' | 'want-yes-no';

export interface NegotiatorSettings {
  /** Options to agree to when the peer proposes them. */
  readonly agreed: Readonly<Record<Side, readonly number[]>>;
  readonly send: (verb: Verb, option: number) => void;
  readonly changed: (side: Side, option: number, isOn: boolean) => void;
}

const VERBS = {
  local: { yes: COMMANDS.WILL, no: COMMANDS.WONT },
  remote: { yes: COMMANDS.DO, no: COMMANDS.DONT },
} as const;

/**
 * Negotiates options without loops by the Q method of RFC 1143. Only changes are answered, and the
 * number of answers is limited.
 */
export class OptionNegotiator {
  private readonly states: Record<Side, Map<number, State>> = {
    local: new Map(),
    remote: new Map(),
  };
  private readonly answers = new Map<number, number>();

  constructor(private readonly settings: NegotiatorSettings) {}

  isOn(side: Side, option: number): boolean {
    return this.state(side, option) === 'yes';
  }

  /** Resets the limit of answers after a user action, which a negotiation loop cannot cause. */
  allowMore(): void {
    this.answers.clear();
  }

  /** Counts an answer for an option. @returns whether it may be sent */
  mayAnswer(option: number): boolean {
    const given = this.answers.get(option) ?? 0;
    if (given >= ANSWERS_PER_OPTION) return false;
    this.answers.set(option, given + 1);
    return true;
  }

  /** Proposes to enable an option at this end (WILL) or at the peer (DO). */
  enable(side: Side, option: number): void {
    const state = this.state(side, option);
    switch (state) {
      case 'no':
        return this.move(side, option, 'want-yes', 'yes');
      case 'want-no':
        this.move(side, option, 'want-no-yes');
        return;
      case 'want-yes-no':
        this.move(side, option, 'want-yes');
        return;
      case 'yes':
      case 'want-yes':
      case 'want-no-yes':
        return;
      default:
        state satisfies never;
    }
  }

  disable(side: Side, option: number): void {
    const state = this.state(side, option);
    switch (state) {
      case 'yes':
        return this.move(side, option, 'want-no', 'no');
      case 'want-yes':
        this.move(side, option, 'want-yes-no');
        return;
      case 'want-no-yes':
        this.move(side, option, 'want-no');
        return;
      case 'no':
      case 'want-no':
      case 'want-yes-no':
        return;
      default:
        state satisfies never;
    }
  }

  receive(verb: Verb, option: number): void {
    switch (verb) {
      case COMMANDS.WILL:
        return this.receiveYes('remote', option);
      case COMMANDS.WONT:
        return this.receiveNo('remote', option);
      case COMMANDS.DO:
        return this.receiveYes('local', option);
      case COMMANDS.DONT:
        return this.receiveNo('local', option);
      default:
        verb satisfies never;
    }
  }

  private receiveYes(side: Side, option: number): void {
    const state = this.state(side, option);
    switch (state) {
      case 'no': {
        if (!this.mayAnswer(option)) return;
        const agreed = this.settings.agreed[side].includes(option);
        if (agreed) this.move(side, option, 'yes', 'yes');
        else this.send(side, option, 'no');
        return;
      }
      case 'want-no':
        // The peer answered a refusal with agreement, which is an error (RFC 1143); the option
        // stays off.
        return this.move(side, option, 'no');
      case 'want-no-yes':
      case 'want-yes':
        return this.move(side, option, 'yes');
      case 'want-yes-no':
        return this.move(side, option, 'want-no', 'no');
      case 'yes':
        return;
      default:
        state satisfies never;
    }
  }

  private receiveNo(side: Side, option: number): void {
    const state = this.state(side, option);
    switch (state) {
      case 'yes':
        if (!this.mayAnswer(option)) return;
        return this.move(side, option, 'no', 'no');
      case 'want-no-yes':
        return this.move(side, option, 'want-yes', 'yes');
      case 'want-no':
      case 'want-yes':
      case 'want-yes-no':
        return this.move(side, option, 'no');
      case 'no':
        return;
      default:
        state satisfies never;
    }
  }

  private state(side: Side, option: number): State {
    return this.states[side].get(option) ?? 'no';
  }

  /**
   * Sets the new state before sending, because an answer may arrive within the call, and reports
   * the change afterwards.
   */
  private move(side: Side, option: number, state: State, answer?: 'yes' | 'no'): void {
    const before = this.state(side, option);
    this.states[side].set(option, state);
    if (answer) this.send(side, option, answer);
    const isOn = state === 'yes';
    if (isOn !== (before === 'yes')) this.settings.changed(side, option, isOn);
  }

  private send(side: Side, option: number, answer: 'yes' | 'no'): void {
    this.settings.send(VERBS[side][answer], option);
  }
}
