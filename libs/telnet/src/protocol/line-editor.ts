/** As many characters as a terminal in its line mode keeps. */
const MAX_LINE_CHARACTERS = 4_096;

const ETX = '\x03';
const BELL = '\x07';
const BACKSPACE = '\b';
const KILL_LINE = '\x15';
const ERASE_WORD = '\x17';
const ESCAPE = '\x1b';
const DELETE = '\x7f';

/** Keys that are one escape sequence: `ESC O x`, `ESC [ … x`, or Alt with a character. */
const KEY_SEQUENCE = /^\x1b(?:O[\s\S]?|\[[0-?]*[ -/]*[@-~]?|[^O[])?/;

/** Of which a terminal shows two columns; enough to rub out what was typed. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

export interface LineEditorEvents {
  /** A whole line that ends with CR LF, or characters that do not wait for one. */
  send(text: string): void;
  /** Ctrl+C. */
  interrupt(): void;
  /** For the screen of the person who types. */
  echo(text: string): void;
}

/**
 * Collects what is typed into lines, for servers that want lines: what is typed can be rubbed out
 * until Enter sends it. Cursor keys mean nothing here and are dropped.
 */
export class LineEditor {
  private line: string[] = [];

  constructor(private readonly events: LineEditorEvents) {}

  /** @param shown whether it is echoed here; a server that echoes shows it, or hides a password */
  type(text: string, shown: boolean): void {
    for (let rest = text; rest !== '';) {
      const key = rest.startsWith(ESCAPE) ? KEY_SEQUENCE.exec(rest)?.[0] : undefined;
      if (key === undefined) this.press([...rest.slice(0, 2)][0] ?? '', shown);
      rest = rest.slice(key?.length ?? (rest.codePointAt(0)! > 0xffff ? 2 : 1));
    }
  }

  /** The server takes single characters from now on: what waits is sent as it is. */
  flush(): void {
    const waiting = this.line.join('');
    this.line = [];
    if (waiting !== '') this.events.send(waiting);
  }

  private press(character: string, shown: boolean): void {
    switch (character) {
      case '\r':
      case '\n':
        this.line.push('\r\n');
        if (shown) this.events.echo('\r\n');
        return this.flush();
      case BACKSPACE:
      case DELETE:
        return this.rubOut(1, shown);
      case KILL_LINE:
        return this.rubOut(this.line.length, shown);
      case ERASE_WORD:
        return this.rubOut(lengthOfLastWord(this.line), shown);
      case ETX:
        this.line = [];
        if (shown) this.events.echo('^C\r\n');
        return this.events.interrupt();
      default:
        return this.add(character, shown);
    }
  }

  private add(character: string, shown: boolean): void {
    if (character < ' ' && character !== '\t') {
      this.flush();
      this.events.send(character);
    } else if (this.line.length < MAX_LINE_CHARACTERS) {
      // One column whatever its place, so that it can be rubbed out.
      const typed = character === '\t' ? ' ' : character;
      this.line.push(typed);
      if (shown) this.events.echo(typed);
    } else {
      this.events.echo(BELL);
    }
  }

  private rubOut(count: number, shown: boolean): void {
    for (const character of this.line.splice(this.line.length - count, count).reverse()) {
      if (shown) this.events.echo('\b \b'.repeat(columnsOf(character)));
    }
  }
}

function columnsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

function lengthOfLastWord(line: readonly string[]): number {
  return /\S*\s*$/u.exec(line.join(''))?.[0].length ?? 0;
}
