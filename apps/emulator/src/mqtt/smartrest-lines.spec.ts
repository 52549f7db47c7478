import { formatRow, parseRows } from './smartrest-lines';

describe('SmartREST rows', () => {
  it.each([
    ['', []],
    ['\n\n', []],
    ['500', [['500']]],
    ['502,c8y_RemoteAccessConnect,\n', [['502', 'c8y_RemoteAccessConnect', '']]],
    [
      '501,a\r\n503,b',
      [
        ['501', 'a'],
        ['503', 'b'],
      ],
    ],
    ['502,a,"no, not ""now\\" \\\\"', [['502', 'a', 'no, not "now" \\']]],
    ['502,a,"two\nlines"\n500', [['502', 'a', 'two\nlines'], ['500']]],
    ['502,a,"never closed', [['502', 'a', 'never closed']]],
    ['502,"a"nonsense,b', [['502', 'a', 'b']]],
    [',,', []],
  ])('%j are %j', (text, rows) => {
    expect(parseRows(text)).toEqual(rows);
  });

  it.each([[['530', 'gw-1', 'a b', '22', 'x"y', 'c,d', 'e\\f', 'g\nh', '']]])(
    'reads what it writes: %j',
    row => {
      expect(parseRows(formatRow(row))).toEqual([row]);
    },
  );
});
