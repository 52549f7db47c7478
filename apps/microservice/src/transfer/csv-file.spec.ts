import { escapeFormula, unescapeFormula } from './csv-file';

describe('a cell that a spreadsheet would evaluate', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', "'=1", "''@x"])(
    '%j is escaped with a quote and unescaped again',
    cell => {
      expect(escapeFormula(cell)).toBe(`'${cell}`);
      expect(unescapeFormula(escapeFormula(cell))).toBe(cell);
    },
  );

  it('is read unchanged if it was not escaped', () => {
    expect(unescapeFormula('=1+1')).toBe('=1+1');
  });
});

it.each(['', 'name', "'quoted'", "O'Neill", '10.0.0.5', 'a=b', "'"])('%j is not escaped', cell => {
  expect(escapeFormula(cell)).toBe(cell);
  expect(unescapeFormula(cell)).toBe(cell);
});
