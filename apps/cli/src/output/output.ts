import type { Writable } from 'node:stream';
import { printable } from '@remote-access/contracts';
import type { CliFailure } from '../failures/failure';

/** Maximum width of a table cell; names can have a thousand characters. */
const MAX_CELL_CHARACTERS = 60;

export interface OutputStreams {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** `columns` is the width of the terminal, if it is one. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

export type Cell = string | number | null | undefined;

/**
 * The output of a command: results on stdout, as a table or as JSON, and everything else on stderr.
 * Texts from devices, servers and other users are shown without control characters.
 */
export class Output {
  private progressLine = '';

  constructor(
    private readonly streams: OutputStreams,
    readonly isJson: boolean,
    private readonly isQuiet: boolean,
  ) {}

  /** A result with one row per entry; as JSON, the unchanged entries. */
  rows<Entry>(
    entries: readonly Entry[],
    columns: Readonly<Record<string, (entry: Entry) => Cell>>,
    none: string,
  ): void {
    if (this.isJson) return this.json(entries);
    if (entries.length === 0) return this.note(none);
    const titles = Object.keys(columns);
    const lines = [
      titles,
      ...entries.map(entry => Object.values(columns).map(valueOf => cell(valueOf(entry)))),
    ];
    const widths = titles.map((_, at) => Math.max(...lines.map(line => line[at]!.length)));
    for (const line of lines) {
      this.text(
        line
          .map((text, at) => text.padEnd(widths[at]!))
          .join('  ')
          .trimEnd(),
      );
    }
  }

  /** Prints a line of the result. */
  text(line: string): void {
    this.clearProgress();
    this.streams.stdout.write(`${line}\n`);
  }

  json(value: unknown): void {
    this.clearProgress();
    this.streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Reports an event: as a sentence on stderr, or as a JSON line on stdout. */
  event(text: string, fields: { readonly event: string; readonly [name: string]: unknown }): void {
    if (this.isJson) this.json(fields);
    else this.note(text);
  }

  /** A message for people only, suppressed with --json. */
  note(text: string): void {
    if (this.isQuiet || this.isJson) return;
    this.clearProgress();
    this.streams.stderr.write(`${text}\n`);
  }

  /** Shown even with --quiet and --json. */
  problem(text: string): void {
    this.clearProgress();
    this.streams.stderr.write(`${text}\n`);
  }

  /** A failure and its hint, as sentences or as a JSON line; on stderr in both cases, and shown with --quiet. */
  failure({ kind, message, hint, code }: CliFailure): void {
    if (this.isJson) return this.problem(JSON.stringify({ error: kind, message, hint, code }));
    this.problem(message);
    if (hint !== undefined) this.problem(hint);
  }

  /** Updates the last line of a terminal; does nothing if there is no terminal. */
  progress(text: () => string): void {
    if (this.isQuiet || this.isJson || !this.streams.stderr.isTTY) return;
    // A line that wraps could not be erased. The last column stays empty, where some terminals wrap early.
    const { columns = Infinity } = this.streams.stderr;
    this.progressLine = text().slice(0, columns - 1);
    this.streams.stderr.write(`\r\x1b[K${this.progressLine}`);
  }

  clearProgress(): void {
    if (this.progressLine === '') return;
    this.progressLine = '';
    this.streams.stderr.write('\r\x1b[K');
  }
}

function cell(value: Cell): string {
  if (value === null || value === undefined || value === '') return '-';
  return printable(String(value), MAX_CELL_CHARACTERS) || '-';
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `12.3 MB`, with powers of 1000. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
