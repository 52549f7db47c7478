import { COMMANDS, type Verb } from './telnet-codes';

/**
 * Answers that one option gets between two things that a person does. An honest far end needs a
 * handful; one that says WILL and WONT in turns for ever is not answered for ever.
 */
const ANSWERS_PER_OPTION = 64;

/** `local`: something that we do (WILL); `remote`: something that the far end does (DO). */
export type Side = 'local' | 'remote';

/** The states of RFC 1143, with the queue bit written out. */
type State = 'no' | 'yes' | 'want-no' | 'want-no-yes' | 'want-yes' | 'want-yes-no';

export interface NegotiatorSettings {
  /** Options that we agree to when the far end asks. */
  readonly agreed: Readonly<Record<Side, readonly number[]>>;
  readonly say: (verb: Verb, option: number) => void;
  readonly changed: (side: Side, option: number, isOn: boolean) => void;
}

const VERBS = {
  local: { yes: COMMANDS.WILL, no: COMMANDS.WONT },
  remote: { yes: COMMANDS.DO, no: COMMANDS.DONT },
} as const;

/**
 * Agrees on options without loops: the Q method of RFC 1143. Only changes are answered, and of
 * those so many that a far end gains nothing by never coming to an end.
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

  /** A person has done something: whatever is negotiated now is no loop of two programs. */
  allowMore(): void {
    this.answers.clear();
  }

  /** @returns whether an answer of any kind may be sent for an option; counts it */
  mayAnswer(option: number): boolean {
    const given = this.answers.get(option) ?? 0;
    if (given >= ANSWERS_PER_OPTION) return false;
    this.answers.set(option, given + 1);
    return true;
  }

  /** Offers to do something ourselves, or asks the far end to do it. */
  enable(side: Side, option: number): void {
    switch (this.state(side, option)) {
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
    }
  }

  disable(side: Side, option: number): void {
    switch (this.state(side, option)) {
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
    }
  }

  receive(verb: Verb, option: number): void {
    switch (verb) {
      case COMMANDS.WILL:
        return this.hearYes('remote', option);
      case COMMANDS.WONT:
        return this.hearNo('remote', option);
      case COMMANDS.DO:
        return this.hearYes('local', option);
      case COMMANDS.DONT:
        return this.hearNo('local', option);
      default:
        verb satisfies never;
    }
  }

  private hearYes(side: Side, option: number): void {
    switch (this.state(side, option)) {
      case 'no': {
        if (!this.mayAnswer(option)) return;
        const agreed = this.settings.agreed[side].includes(option);
        if (agreed) this.move(side, option, 'yes', 'yes');
        else this.say(side, option, 'no');
        return;
      }
      case 'want-no':
        // Our no was answered by a yes: the far end is wrong, and no is what it stays.
        return this.move(side, option, 'no');
      case 'want-no-yes':
      case 'want-yes':
        return this.move(side, option, 'yes');
      case 'want-yes-no':
        return this.move(side, option, 'want-no', 'no');
      case 'yes':
    }
  }

  private hearNo(side: Side, option: number): void {
    switch (this.state(side, option)) {
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
    }
  }

  private state(side: Side, option: number): State {
    return this.states[side].get(option) ?? 'no';
  }

  /** The word goes out before what the change brings, and finds the new state when it comes back. */
  private move(side: Side, option: number, state: State, word?: 'yes' | 'no'): void {
    const before = this.state(side, option);
    this.states[side].set(option, state);
    if (word) this.say(side, option, word);
    const isOn = state === 'yes';
    if (isOn !== (before === 'yes')) this.settings.changed(side, option, isOn);
  }

  private say(side: Side, option: number, word: 'yes' | 'no'): void {
    this.settings.say(VERBS[side][word], option);
  }
}
