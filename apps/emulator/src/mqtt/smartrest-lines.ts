/**
 * Rows of SmartREST 2.0: values are separated by commas, rows by line breaks. A value in double
 * quotes may contain both; inside it, a double quote is doubled or preceded by a backslash.
 */

/** @returns the rows that are not empty; an unclosed quote ends with the text */
export function parseRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const endRow = (): void => {
    if (row.some(value => value !== '')) rows.push(row);
    row = [];
  };
  while (at < text.length) {
    const [value, end] = text[at] === '"' ? quotedValue(text, at + 1) : plainValue(text, at);
    row.push(value);
    at = end;
    if (text[at] === ',') {
      at += 1;
      if (at === text.length) row.push('');
    } else {
      endRow();
      at += 1;
    }
  }
  endRow();
  return rows;
}

/** Writes one row, without a line break at the end. */
export function formatRow(values: readonly string[]): string {
  return values.map(formatValue).join(',');
}

function plainValue(text: string, from: number): [value: string, end: number] {
  let end = from;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n') end += 1;
  return [text.slice(from, end).trim(), end];
}

function quotedValue(text: string, from: number): [value: string, end: number] {
  let value = '';
  let at = from;
  for (; at < text.length; at += 1) {
    const next = text[at + 1];
    if (text[at] === '"') {
      if (next !== '"') break;
      at += 1;
    } else if (text[at] === '\\' && (next === '"' || next === '\\')) {
      at += 1;
    }
    value += text.charAt(at);
  }
  at += 1;
  // Text after the closing quote is ignored.
  while (at < text.length && text[at] !== ',' && text[at] !== '\n') at += 1;
  return [value, at];
}

function formatValue(value: string): string {
  if (!/[",\\\s]/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
