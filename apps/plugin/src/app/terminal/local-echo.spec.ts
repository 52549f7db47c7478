import { echoOf } from './local-echo';

it.each([
  ['é漢 a', 'é漢 a'],
  ['ls\r', 'ls\r\n'],
  ['a\nb\r\n', 'a\r\nb\r\n'],
  ['\x7f', '\b \b'],
  ['\b', '\b \b'],
  ['\t', '\t'],
  ['\x03', ''],
  ['\x1b[A', ''],
  ['\x1bOP', ''],
  ['\x1b[1;5D', ''],
  ['\x1b', ''],
  ['\x1bf', ''],
  ['\x1b]10;rgb:ffff/ffff/ffff\x07', ''],
  ['\x1bP1+r544e\x1b\\', ''],
  ['\x1b[200~two\rlines\x1b[201~', 'two\r\nlines'],
])('%j is drawn as %j', (typed, drawn) => {
  expect(echoOf(typed)).toBe(drawn);
});
