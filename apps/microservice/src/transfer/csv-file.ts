import { Readable } from 'node:stream';
import { parse, CsvError, type Info } from 'csv-parse';
import { stringify } from 'csv-stringify';
import { isRefusal, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { defused, restored } from './defused-cell';
import {
  EXPORT_COLUMNS,
  isSecretColumn,
  isTransferColumn,
  type TransferColumn,
} from './transfer-columns';
import { LineCounter } from './line-counter';
import { malformedFile } from './malformed-file';
import type { TransferRow } from './transfer-row';
import { rowOf } from './row-of';

/** Read in pieces, between which other requests have their turn. */
const PIECE_CHARACTERS = 16_384;

/** Those of some countries separate with semicolons, as their decimals have a comma. */
const DELIMITERS = [',', ';'];

/** Spreadsheets write TRUE. */
const YES_OR_NO = /^(true|false)$/i;

/** RFC 4180 with a header; cells that a spreadsheet would run are defused. */
export function csvStream(rows: readonly Readonly<Record<string, unknown>>[]): Readable {
  const records = rows.map(row => EXPORT_COLUMNS.map(column => defused(cellOf(row[column]))));
  // Spreadsheets take it for UTF-8 only with a byte order mark.
  return Readable.from([EXPORT_COLUMNS, ...records]).pipe(
    stringify({ bom: true, record_delimiter: 'windows' }),
  );
}

/**
 * Reads a CSV file with a header of {@link TransferColumn}s in any order.
 * @param needsDevice whether each line has to name its gateway
 * @returns `malformed-request` with the line where the file is no CSV or its header is wrong;
 * `payload-too-large`
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
    for await (const one of Readable.from(pieces(text)).pipe(parse(options))) {
      const { record, info } = one as { record: string[]; info: Info };
      const line = counter.startOf(info.bytes);
      if (!header) {
        const read = headerOf(record, needsDevice);
        if (isRefusal(read)) return read;
        header = read;
        continue;
      }
      if (rows.length === maxRows) return new RemoteAccessError('payload-too-large');
      rows.push(rowFrom(header, record, line));
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return malformedFile(`Line ${String(error['lines'])}: quotes do not match (${error.code})`);
  }
  return header ? rows : malformedFile('The file is empty');
}

function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) {
    yield text.slice(at, at + PIECE_CHARACTERS);
  }
}

function headerOf(cells: readonly string[], needsDevice: boolean): TransferColumn[] | Refusal {
  const names = cells.map(cell => cell.trim());
  const unknown = names.filter(name => !isTransferColumn(name));
  if (unknown.length > 0) return malformedFile(`Unknown column: ${unknown.join(', ')}`);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (twice.length > 0) return malformedFile(`Column given twice: ${twice.join(', ')}`);
  if (needsDevice && !names.includes('deviceId')) {
    return malformedFile('The column deviceId is missing');
  }
  return names.filter(isTransferColumn);
}

function rowFrom(
  header: readonly TransferColumn[],
  cells: readonly string[],
  line: number,
): TransferRow {
  const fields: Record<string, unknown> = {};
  for (const [at, column] of header.entries()) {
    const cell = cells[at] ?? '';
    fields[column] = isSecretColumn(column) ? cell : restored(cell);
  }
  const problem =
    cells.length === header.length
      ? undefined
      : `The line has ${cells.length} cells, the header has ${header.length}`;
  return rowOf(line, typed(fields), problem);
}

/** Cells are texts; what they mean is a number, a yes or no, or an object. */
function typed(fields: Record<string, unknown>): Record<string, unknown> {
  const { port, attrs } = fields;
  for (const [name, value] of Object.entries(fields)) {
    if (isFlag(name) && typeof value === 'string' && YES_OR_NO.test(value)) {
      fields[name] = value.toLowerCase() === 'true';
    }
  }
  if (typeof port === 'string' && /^\d+$/.test(port)) fields['port'] = Number(port);
  if (typeof attrs === 'string' && attrs !== '') {
    try {
      fields['attrs'] = JSON.parse(attrs) as unknown;
    } catch {
      // It stays a text, which is refused as one.
      return fields;
    }
  }
  return fields;
}

function isFlag(name: string): boolean {
  return name === 'legacyAlgorithms' || name === 'viewOnly' || name === 'shared';
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
