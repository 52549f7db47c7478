import type { ControllerTerminal } from './old-controller';

const INTERVAL_MS = 1_000;

/** Sequences of ECMA-48 and xterm: a second screen without a cursor, and back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J';
const LEAVE = '\x1b[?25h\x1b[?1049l';

/** Draws lines in a frame as large as the terminal, again and again. */
export class StatusScreen {
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
