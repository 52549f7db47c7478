import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  isRefusal,
  printableList,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { CsvError, type Info, parse } from 'csv-parse';
import { stringify } from 'csv-stringify';
import {
  EXPORT_COLUMNS,
  isSecretColumn,
  isTransferColumn,
  malformedFile,
  type TransferColumn,
  type TransferRow,
  transferRow,
} from './transfer-row';

/** Parsing yields to other requests after this many characters. */
const CHUNK_CHARACTERS = 16_384;

/** Where the decimal separator is a comma, spreadsheets separate cells with semicolons. */
const DELIMITERS = [',', ';'];

/** Spreadsheets write TRUE in upper case. */
const BOOLEAN = /^(true|false)$/i;

/**
 * Writes CSV as in RFC 4180, with a header and every cell in quotes. Anything that a spreadsheet
 * would interpret as a formula is escaped.
 */
export function csvStream(rows: readonly Readonly<Record<string, unknown>>[]): Readable {
  const records = rows.map(row =>
    EXPORT_COLUMNS.map(column => escapeFormula(cellText(row[column]))),
  );
  // Without a byte order mark spreadsheets do not recognize UTF-8.
  return Readable.from([EXPORT_COLUMNS, ...records]).pipe(
    stringify({ bom: true, record_delimiter: 'windows', quoted: true, quoted_empty: true }),
  );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Reads a CSV file whose header consists of {@link TransferColumn}s in any order.
 * @param needsDevice whether the file must have a column for the gateway
 * @returns `malformed-request` with the line if the file is not CSV or its header is invalid;
 *   `payload-too-large`
 */
export async function readCsv(
  file: string,
  maxRows: number,
  needsDevice: boolean,
): Promise<TransferRow[] | Refusal> {
  const text = file.replace(/^\ufeff/, '');
  const counter = new LineCounter(Buffer.from(text));
  const [firstLine = ''] = text.split(/\r?\n/, 1);
  const delimiter = DELIMITERS.filter(one => firstLine.includes(one));
  const options = {
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    delimiter: delimiter[0] ?? ',',
  };
  const rows: TransferRow[] = [];
  let header: TransferColumn[] | undefined;
  try {
    for await (const one of Readable.from(chunks(text)).pipe(parse(options))) {
      const { record, info } = one as { record: string[]; info: Info };
      const line = counter.startOf(info.bytes);
      if (!header) {
        const read = readHeader(record, needsDevice);
        if (isRefusal(read)) return read;
        header = read;
        continue;
      }
      if (rows.length === maxRows) return new RemoteAccessError('payload-too-large');
      rows.push(readRecord(header, record, line));
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return malformedFile(`Line ${String(error['lines'])}: unbalanced quotes (${error.code})`);
  }
  return header ? rows : malformedFile('The file is empty');
}

async function* chunks(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += CHUNK_CHARACTERS) {
    yield text.slice(at, at + CHUNK_CHARACTERS);
    // Streams alone would continue within the same turn of the event loop.
    await nextTurn();
  }
}

function readHeader(cells: readonly string[], needsDevice: boolean): TransferColumn[] | Refusal {
  const names = cells.map(cell => cell.trim());
  const unknown = names.filter(name => !isTransferColumn(name));
  if (unknown.length > 0) return malformedFile(`Unknown column: ${printableList(unknown)}`);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (twice.length > 0) return malformedFile(`Duplicate column: ${printableList(twice)}`);
  if (needsDevice && !names.includes('deviceId')) {
    return malformedFile('The column deviceId is missing');
  }
  return names.filter(isTransferColumn);
}

function readRecord(
  header: readonly TransferColumn[],
  cells: readonly string[],
  line: number,
): TransferRow {
  const fields: Record<string, unknown> = {};
  for (const [at, column] of header.entries()) {
    const cell = cells[at] ?? '';
    fields[column] = isSecretColumn(column) ? cell : unescapeFormula(cell);
  }
  const problem =
    cells.length === header.length
      ? undefined
      : `The line has ${cells.length} cells, but the header has ${header.length}`;
  return transferRow(line, parseCells(fields), problem);
}

/** Converts cells that contain a number, a boolean or JSON. Invalid ones remain texts. */
function parseCells(fields: Record<string, unknown>): Record<string, unknown> {
  const { port, attrs } = fields;
  for (const [name, value] of Object.entries(fields)) {
    if (FLAGS.includes(name) && typeof value === 'string' && BOOLEAN.test(value)) {
      fields[name] = value.toLowerCase() === 'true';
    }
  }
  if (typeof port === 'string' && /^\d+$/.test(port)) fields['port'] = Number(port);
  if (typeof attrs === 'string' && attrs !== '') {
    try {
      fields['attrs'] = JSON.parse(attrs) as unknown;
    } catch {
      // Validation then refuses the text as attrs.
      return fields;
    }
  }
  return fields;
}

const FLAGS: readonly string[] = [
  'legacyAlgorithms',
  'localEcho',
  'viewOnly',
  'shared',
  'allowUnencryptedSignIn',
] satisfies readonly TransferColumn[];

/**
 * Positions where a formula may begin, including quotes that turn it into text. Spreadsheets
 * evaluate cells that begin with one of these characters (OWASP, CSV injection). If they expect
 * semicolons or tabs, they treat the commas and quotes of this file as text and split within our
 * cells.
 */
const FORMULA = /(?<=^|[;\t\r\n])'*(?=[ "]*[=+\-@\t\r\n＝＋－＠])/g;

/** A quote turns a formula into text. Text that already looks escaped gets another quote. */
export function escapeFormula(cell: string): string {
  return cell.replace(FORMULA, quotes => `'${quotes}`);
}

export function unescapeFormula(cell: string): string {
  return cell.replace(FORMULA, quotes => quotes.slice(1));
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Finds the line on which a record begins, as an editor counts lines. The parser's own count
 * includes line breaks within cells twice.
 */
class LineCounter {
  private at = 0;
  private line = 1;

  constructor(private readonly bytes: Uint8Array) {}

  /** @param end offset of the record's end, which must increase from call to call */
  startOf(end: number): number {
    while (this.bytes[this.at] === LF || this.bytes[this.at] === CR) this.step();
    const start = this.line;
    while (this.at < end) this.step();
    return start;
  }

  private step(): void {
    const isPair = this.bytes[this.at] === CR && this.bytes[this.at + 1] === LF;
    const isEnd = this.bytes[this.at] === LF || (this.bytes[this.at] === CR && !isPair);
    if (isEnd) this.line += 1;
    this.at += 1;
  }
}
