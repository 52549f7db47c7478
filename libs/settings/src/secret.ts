import { inspect } from 'node:util';

const BLANKS = '******';

/** A text that prints as blanks when it is logged, inspected or serialized to JSON. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for the one call that needs it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return BLANKS;
  }

  toJSON(): string {
    return BLANKS;
  }

  [inspect.custom](): string {
    return BLANKS;
  }
}
