import { LineEditor } from './line-editor';

function editor() {
  const sent: string[] = [];
  const seen = { sent, echo: '', interrupts: 0 };
  const it = new LineEditor({
    send: text => sent.push(text),
    interrupt: () => (seen.interrupts += 1),
    echo: text => (seen.echo += text),
  });
  return { it, seen };
}

it('sends a line with Enter, not before', () => {
  const { it: line, seen } = editor();
  line.type('sta', true);
  expect(seen.sent).toEqual([]);
  line.type('tus\r', true);
  expect(seen).toMatchObject({ sent: ['status\r\n'], echo: 'status\r\n' });
});

it('sends each line of pasted text', () => {
  const { it: line, seen } = editor();
  line.type('one\rtwo\rthr', true);
  expect(seen.sent).toEqual(['one\r\n', 'two\r\n']);
});

it('erases characters of any width, words and the line', () => {
  const { it: line, seen } = editor();
  line.type('日\x7f', true);
  expect(seen.echo).toBe('日\b \b\b \b');
  line.type('a bc \x17d\x15e\x7f\x7f\bf\r', true);
  expect(seen.sent).toEqual(['f\r\n']);
});

it('erases a word of characters outside the BMP, but not the word before it', () => {
  const { it: line, seen } = editor();
  line.type('ab 😀😀\x17c\r', true);
  expect(seen.sent).toEqual(['ab c\r\n']);
});

it('erases a word as fast after many spaces', () => {
  const { it: line } = editor();
  line.type(' '.repeat(4_000), true);
  const started = performance.now();
  line.type('a\x17 '.repeat(2_000), true);
  expect(performance.now() - started).toBeLessThan(2_000);
});

it('echoes nothing with remote echo, but still erases', () => {
  const { it: line, seen } = editor();
  line.type('secrex\x7ft\r', false);
  expect(seen).toMatchObject({ sent: ['secret\r\n'], echo: '' });
});

it.each(['\x1b[A', '\x1bOP', '\x1b[1;5C', '\x1b[200~', '\x1bx'])('ignores the key %j', key => {
  const { it: line, seen } = editor();
  line.type(`a${key}b\r`, true);
  expect(seen).toMatchObject({ sent: ['ab\r\n'], echo: 'ab\r\n' });
});

it('treats Ctrl+C as an interrupt and discards the line', () => {
  const { it: line, seen } = editor();
  line.type('rm -r\x03ls\r', true);
  expect(seen).toMatchObject({ sent: ['ls\r\n'], interrupts: 1, echo: 'rm -r^C\r\nls\r\n' });
});

it('sends other control characters at once, after the pending text', () => {
  const { it: line, seen } = editor();
  line.type('ab\x04', true);
  expect(seen.sent).toEqual(['ab', '\x04']);
});

it('sends Tab and Escape at once, after the pending text', () => {
  const { it: line, seen } = editor();
  line.type('sh\tv', true);
  line.type('\x1b', true);
  expect(seen.sent).toEqual(['sh', '\t', 'v', '\x1b']);
  expect(seen.echo).toBe('sh\tv');
});

it('ends the input with Ctrl+D on an empty line, if possible', () => {
  const sent: string[] = [];
  let ends = 0;
  const line = new LineEditor(
    {
      send: text => sent.push(text),
      interrupt: () => undefined,
      echo: () => undefined,
      endInput: () => (ends += 1),
    },
    '\n',
  );
  line.type('a\x04', true);
  line.type('b\r\x04', true);
  expect(sent).toEqual(['a', '\x04', 'b\n']);
  expect(ends).toBe(1);
});

it('accepts 4096 characters and rings the bell for more', () => {
  const { it: line, seen } = editor();
  line.type('x'.repeat(5_000), true);
  expect(seen.echo.match(/\x07/g)).toHaveLength(5_000 - 4_096);
  line.flush();
  expect(seen.sent.join('')).toHaveLength(4_096);
});
