import { LineEditor, type WindowSize } from '@remote-access/telnet';

const PROMPT = 'pc4> ';

const GREETING = `
Press controller PC-4  ·  an imitation for trying out Telnet: no machine is behind it
Type "help" for a list of commands.

`;

const HELP = `
  status    shows the state of the press
  watch     shows the state on the whole screen until you press q
  size      shows the size and the type of your terminal
  echo ...  prints what you type, in any script
  exit      ends the session

`;

const INTERVAL_MS = 1_000;

/** ECMA-48 and xterm sequences: to the alternate screen without a cursor, and back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J';
const LEAVE = '\x1b[?25h\x1b[?1049l';

/** The terminal in front of the controller. */
export interface ControllerTerminal {
  /** Lines end with CR LF. */
  write(text: string): void;
  size(): WindowSize;
  type(): string;
  hangUp(): void;
}

/** A simulated device that can only be reached by Telnet, for a newcomer's first Telnet session. */
export class OldController {
  private readonly startedMs = performance.now();
  private screen: StatusScreen | undefined;
  private readonly editor = new LineEditor({
    echo: text => this.terminal.write(text),
    interrupt: () => this.ask(),
    send: text => {
      // Text without a line end is a control character; no command uses one.
      if (text.endsWith('\r\n')) this.obey(text.trim());
    },
  });

  constructor(private readonly terminal: ControllerTerminal) {
    this.say(GREETING);
    this.ask();
  }

  typed(text: string): void {
    if (!this.screen) return this.editor.type(text, true);
    if (!/[q\x03]/i.test(text)) return;
    this.leaveScreen();
    this.ask();
  }

  resized(): void {
    this.screen?.draw();
  }

  broken(): void {
    this.say('\n[break]\n');
    if (!this.screen) this.ask();
  }

  /** Called when the connection has closed. */
  stop(): void {
    this.screen?.stop();
  }

  private obey(line: string): void {
    const [command = '', ...words] = line.split(/\s+/);
    switch (command.toLowerCase()) {
      case 'help':
      case '?':
        this.say(HELP);
        break;
      case 'status':
        this.say(`\n${this.lines().join('\n')}\n\n`);
        break;
      case 'size': {
        const { cols, rows } = this.terminal.size();
        this.say(`${cols} columns, ${rows} rows, ${this.terminal.type()}\n`);
        break;
      }
      case 'echo':
        this.say(`${words.join(' ')}\n`);
        break;
      case 'watch':
        this.screen = new StatusScreen(this.terminal, () => this.lines());
        return;
      case 'exit':
      case 'quit':
      case 'logout':
        this.say('Good bye.\n');
        return this.terminal.hangUp();
      case '':
        break;
      default:
        this.say(`Unknown command. Type "help" for a list of commands.\n`);
    }
    this.ask();
  }

  /** Values derived from the clock, so that the screen changes. */
  private lines(): string[] {
    const seconds = (performance.now() - this.startedMs) / 1_000;
    const wave = (period: number): number => Math.sin((Date.now() / 1_000 / period) * 2 * Math.PI);
    const row = (name: string, value: number, unit: string, digits = 1): string =>
      `  ${name.padEnd(14)}${value.toFixed(digits).padStart(8)} ${unit}`;
    return [
      row('Temperature', 71.5 + 2.4 * wave(47), '°C'),
      row('Pressure', 184 + 9 * wave(13), 'bar'),
      row('Strokes', 42 + 3 * wave(29), '/min', 0),
      row('Session', seconds, 's', 0),
    ];
  }

  private leaveScreen(): void {
    this.screen?.stop();
    this.screen = undefined;
  }

  private ask(): void {
    this.terminal.write(PROMPT);
  }

  private say(text: string): void {
    this.terminal.write(text.replaceAll('\n', '\r\n'));
  }
}

/** Redraws lines in a frame of the terminal's size every second. */
class StatusScreen {
  private readonly timer = setInterval(() => this.draw(), INTERVAL_MS);

  constructor(
    private readonly terminal: ControllerTerminal,
    private readonly lines: () => readonly string[],
  ) {
    terminal.write(ENTER);
    this.draw();
  }

  draw(): void {
    const { cols, rows } = this.terminal.size();
    const inside = Math.max(cols - 2, 0);
    const title = '─ PC-4 · q leaves '.slice(0, inside);
    const body = this.lines();
    const content = Array.from(
      { length: Math.max(rows - 2, 0) },
      (_, row) => `│${(body[row - 1] ?? '').slice(0, inside).padEnd(inside)}│`,
    );
    const frame = [`┌${title.padEnd(inside, '─')}┐`, ...content, `└${'─'.repeat(inside)}┘`];
    this.terminal.write(frame.map((line, row) => `\x1b[${row + 1};1H${line}`).join(''));
  }

  stop(): void {
    clearInterval(this.timer);
    this.terminal.write(LEAVE);
  }
}
