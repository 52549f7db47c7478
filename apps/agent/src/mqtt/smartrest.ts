/** Rows of SmartREST 2.0 as the platform sends and receives them. */

/**
 * Splits a message into rows and rows into values. A value in double quotes may contain commas and
 * line breaks, and double quotes that are doubled or preceded by a backslash.
 *
 * @returns the rows that are not empty; an unclosed quote ends with the message
 */
export function parseRows(message: string): string[][] {
  const rows: string[][] = [[]];
  let value = '';
  let isQuoted = false;
  const endValue = (): void => {
    rows[rows.length - 1]!.push(value);
    value = '';
  };
  for (let at = 0; at < message.length; at += 1) {
    const character = message.charAt(at);
    const next = message.charAt(at + 1);
    if (isQuoted) {
      const isEscape = (character === '\\' && /["\\]/.test(next)) || character + next === '""';
      if (isEscape) {
        value += next;
        at += 1;
      } else if (character === '"') {
        isQuoted = false;
      } else {
        value += character;
      }
    } else if (character === '"' && value === '') {
      isQuoted = true;
    } else if (character === ',') {
      endValue();
    } else if (character === '\n') {
      endValue();
      rows.push([]);
    } else if (character !== '\r') {
      value += character;
    }
  }
  endValue();
  return rows.filter(row => row.some(one => one !== ''));
}

/** Writes one row. */
export function formatRow(values: readonly string[]): string {
  return values.map(formatValue).join(',');
}

/** Whether a serial number is safe as a single level of a topic. */
export function isTopicLevel(serial: string): boolean {
  return /^[^/+#\u0000-\u001f\u007f]{1,256}$/.test(serial);
}

function formatValue(value: string): string {
  if (!/[",\\\s]/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
