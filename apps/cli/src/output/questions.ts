import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import { Secret } from '@remote-access/settings';
import { CliFailure } from '../failures/failure';

/** Asks the user at the terminal. */
export interface Questions {
  /** Whether there is a user to ask. */
  readonly canAsk: boolean;
  ask(question: string): Promise<string>;
  askSecret(question: string): Promise<Secret>;
  confirm(question: string): Promise<boolean>;
}

/**
 * The controlling terminal of the process. stdin and stdout are not used, because they may carry a
 * session's bytes, with which questions and answers must not mix.
 */
export class TerminalQuestions implements Questions {
  /** @param isAllowed `false` with --no-input */
  constructor(private readonly isAllowed: boolean) {}

  get canAsk(): boolean {
    const opened = this.isAllowed ? openDescriptors() : [];
    for (const descriptor of opened) closeSync(descriptor);
    return opened.length > 0;
  }

  ask(question: string): Promise<string> {
    return this.question(question, true);
  }

  async askSecret(question: string): Promise<Secret> {
    return new Secret(await this.question(question, false));
  }

  async confirm(question: string): Promise<boolean> {
    return /^y(es)?$/i.test((await this.ask(`${question} [y/N] `)).trim());
  }

  private question(question: string, isVisible: boolean): Promise<string> {
    const terminal = this.isAllowed ? openTerminal() : undefined;
    if (!terminal) {
      throw new CliFailure('sign-in', `There is no terminal for the question: ${question.trim()}`);
    }
    let mutes = false;
    const shown = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!mutes) terminal.output.write(chunk);
        done();
      },
    });
    const lines = createInterface({ input: terminal.input, output: shown, terminal: true });
    return new Promise<string>((resolve, reject) => {
      lines.once('SIGINT', () => reject(new CliFailure('interrupted', 'Interrupted.')));
      lines.once('close', () => reject(new CliFailure('sign-in', 'No answer.')));
      lines.question(question, resolve);
      mutes = !isVisible;
    }).finally(() => {
      lines.close();
      if (!isVisible) terminal.output.write('\n');
      terminal.close();
    });
  }
}

interface OpenTerminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
  close(): void;
}

function openTerminal(): OpenTerminal | undefined {
  const [reading, writing] = openDescriptors();
  if (reading === undefined || writing === undefined) return undefined;
  const [input, output] = [new ReadStream(reading), new WriteStream(writing)];
  const close = (): void => {
    input.destroy();
    output.destroy();
  };
  return { input, output, close };
}

/**
 * @returns two file descriptors, or none for a process without a terminal, for example under cron
 *   or in CI
 */
function openDescriptors(): number[] {
  const names =
    process.platform === 'win32' ? ['\\\\.\\CONIN$', '\\\\.\\CONOUT$'] : ['/dev/tty', '/dev/tty'];
  const opened: number[] = [];
  try {
    for (const name of names) opened.push(openSync(name, 'r+'));
    return opened;
  } catch {
    for (const descriptor of opened) closeSync(descriptor);
    return [];
  }
}
