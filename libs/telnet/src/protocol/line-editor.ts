/** The limit of a terminal in canonical mode. */
const MAX_LINE_CHARACTERS = 4_096;

const ETX = '\x03';
const EOT = '\x04';
const BELL = '\x07';
const BACKSPACE = '\b';
const KILL_LINE = '\x15';
const ERASE_WORD = '\x17';
const ESCAPE = '\x1b';
const DELETE = '\x7f';

/** A key as an escape sequence: `ESC O x`, `ESC [ … x`, or Alt with a character. */
const KEY_SEQUENCE = /^\x1b(?:O[\s\S]?|\[[0-?]*[ -/]*[@-~]?|[^O[])?/;

/** Characters two columns wide, as far as erasing input needs them. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

export interface LineEditorEvents {
  /** @param text a line including its end, or characters that are sent immediately */
  send(text: string): void;
  /** Ctrl+C. */
  interrupt(): void;
  /** Ctrl+D on an empty line; if absent, it is sent as a character. */
  endInput?(): void;
  echo(text: string): void;
}

/**
 * Local line editing for servers in line mode: input can be erased until Enter sends the line.
 * Control characters such as Escape and Tab are sent at once; cursor keys are ignored.
 */
export class LineEditor {
  private line: string[] = [];

  constructor(
    private readonly events: LineEditorEvents,
    private readonly lineEnd: '\r\n' | '\n' = '\r\n',
  ) {}

  /**
   * @param shown whether to echo; a server with remote echo does so itself, or is hiding a password
   */
  type(text: string, shown: boolean): void {
    for (let rest = text; rest !== '';) {
      const key = rest.startsWith(ESCAPE) ? KEY_SEQUENCE.exec(rest)?.[0] : undefined;
      // The Escape key arrives as a single character.
      if (key === undefined || rest === ESCAPE) this.press([...rest.slice(0, 2)][0] ?? '', shown);
      rest = rest.slice(key?.length ?? (rest.codePointAt(0)! > 0xffff ? 2 : 1));
    }
  }

  /** Sends the incomplete line, because the server has switched to character mode. */
  flush(): void {
    const waiting = this.line.join('');
    this.line = [];
    if (waiting !== '') this.events.send(waiting);
  }

  private press(character: string, shown: boolean): void {
    switch (character) {
      case '\r':
      case '\n':
        this.line.push(this.lineEnd);
        if (shown) this.events.echo('\r\n');
        return this.flush();
      case BACKSPACE:
      case DELETE:
        return this.erase(1, shown);
      case KILL_LINE:
        return this.erase(this.line.length, shown);
      case ERASE_WORD:
        return this.erase(lengthOfLastWord(this.line), shown);
      case ETX:
        this.line = [];
        if (shown) this.events.echo('^C\r\n');
        return this.events.interrupt();
      case EOT:
        if (this.line.length > 0 || !this.events.endInput) return this.add(character, shown);
        return this.events.endInput();
      default:
        return this.add(character, shown);
    }
  }

  private add(character: string, shown: boolean): void {
    if (character < ' ') {
      this.flush();
      this.events.send(character);
      if (shown && character === '\t') this.events.echo(character);
    } else if (this.line.length < MAX_LINE_CHARACTERS) {
      this.line.push(character);
      if (shown) this.events.echo(character);
    } else {
      this.events.echo(BELL);
    }
  }

  private erase(count: number, shown: boolean): void {
    for (const character of this.line.splice(this.line.length - count, count).reverse()) {
      if (shown) this.events.echo('\b \b'.repeat(columnsOf(character)));
    }
  }
}

function columnsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The number of characters that Ctrl+W erases: the last word and the spaces after it. */
function lengthOfLastWord(line: readonly string[]): number {
  const wordEnd = line.findLastIndex(character => !isSpace(character));
  const wordStart = line.slice(0, wordEnd + 1).findLastIndex(isSpace) + 1;
  return line.length - wordStart;
}

function isSpace(character: string): boolean {
  return /^\s$/u.test(character);
}
