import { randomSource } from '@remote-access/testkit';
import { text } from 'node:stream/consumers';
import { csvStream, escapeFormula, readCsv, unescapeFormula } from './csv-file';

describe('a cell that a spreadsheet would evaluate', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', "'=1", "''@x"])(
    '%j is escaped with a quote and unescaped again',
    cell => {
      expect(escapeFormula(cell)).toBe(`'${cell}`);
      expect(unescapeFormula(escapeFormula(cell))).toBe(cell);
    },
  );

  it.each([
    ['a;=1+1', "a;'=1+1"],
    ['a; =1+1', "a;' =1+1"],
    ['a;"=1+1"', 'a;\'"=1+1"'],
    ['a;;@x', "a;;'@x"],
    ['a\t=1', "a\t'=1"],
    ['a\n-1', "a\n'-1"],
    ['\t=1', "'\t'=1"],
    [';\t=1', ";'\t'=1"],
    ["a;'=1", "a;''=1"],
    ['=1;=2', "'=1;'=2"],
    [' =1', "' =1"],
  ])('%j is escaped after each separator and unescaped again', (cell, escaped) => {
    expect(escapeFormula(cell)).toBe(escaped);
    expect(unescapeFormula(escaped)).toBe(cell);
  });

  it('is read unchanged if it was not escaped', () => {
    expect(unescapeFormula('=1+1')).toBe('=1+1');
    expect(unescapeFormula('a;=1+1')).toBe('a;=1+1');
  });

  it('is read as it was written, whatever it contains', () => {
    const random = randomSource(1);
    const alphabet = Array.from('=+-@＝ ;,\t\r\n\'"ab');
    const cells = Array.from({ length: 5000 }, () => {
      const length = Math.floor(random() * 12);
      return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join(
        '',
      );
    });
    expect(cells.filter(cell => unescapeFormula(escapeFormula(cell)) !== cell)).toEqual([]);
  });
});

describe('reading a large file', () => {
  it.each([
    ['one header', ','.repeat(200_000)],
    ['one cell', 'x'.repeat(200_000)],
    ['many lines', `deviceId\n${'12345678901234567\n'.repeat(11_000)}`],
  ])('of %s lets other requests run in between', async (_name, file) => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await readCsv(file, 100_000, true);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(10);
  });
});

describe('an exported file', () => {
  /**
   * Splits a line like a spreadsheet that expects semicolons and honours quotes only at a cell's
   * beginning.
   */
  const cellsBetweenSemicolons = (file: string): string[] =>
    file
      .replace(/^\ufeff/, '')
      .split(/\r\n|\n|\r/)
      .flatMap(line => line.split(/[;\t]/));

  const ATTACKS = ['=1+1', 'a;=1+1', 'a;"=1+1"', ';;+1', 'a\n=1;-1', '\t@x', 'a\r=1', '＝1;＝2'];

  it('has every cell in quotes', async () => {
    const file = await text(csvStream([{ deviceId: '1001', name: 'Console', port: 23 }]));
    const [header = '', row = ''] = file.replace(/^\ufeff/, '').split('\r\n');
    for (const line of [header, row]) expect(line).toMatch(/^"[^"]*"(,"[^"]*")*$/);
  });

  it('has no formula where a spreadsheet expects semicolons or tabs', async () => {
    for (const attack of ATTACKS) {
      const file = await text(csvStream([{ deviceId: '1001', name: attack, username: attack }]));
      for (const cell of cellsBetweenSemicolons(file)) {
        expect(cell.replaceAll('"', '')).not.toMatch(/^ *[=+\-@＝＋－＠]/);
      }
    }
  });

  it('is read again unchanged', async () => {
    for (const attack of ATTACKS) {
      const file = await text(csvStream([{ deviceId: '1001', name: attack, attrs: { a: -1 } }]));
      const rows = await readCsv(file, 10, true);
      expect(rows).toMatchObject([{ deviceId: '1001', body: { name: attack, attrs: { a: -1 } } }]);
    }
  });
});

it.each(['', 'name', "'quoted'", "O'Neill", '10.0.0.5', 'a=b', "'"])('%j is not escaped', cell => {
  expect(escapeFormula(cell)).toBe(cell);
  expect(unescapeFormula(cell)).toBe(cell);
});
