import { Writable } from 'node:stream';
import { Output } from './output';

interface Screen {
  readonly output: Output;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

function screen(terminal: object = {}, { isJson = false, isQuiet = false } = {}): Screen {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written[name] += chunk.toString();
        done();
      },
    });
  const streams = { stdout: stream('stdout'), stderr: Object.assign(stream('stderr'), terminal) };
  return {
    output: new Output(streams, isJson, isQuiet),
    stdout: () => written.stdout,
    stderr: () => written.stderr,
  };
}

const TERMINAL = { isTTY: true, columns: 20 };

describe('the line with the progress', () => {
  it('replaces itself, and makes room for other lines', () => {
    const { output, stdout, stderr } = screen(TERMINAL);
    output.progress(() => '1 open');
    output.note('A note.');
    output.text('result');
    expect(stderr()).toBe('\r\x1b[K1 open\r\x1b[KA note.\n');
    expect(stdout()).toBe('result\n');
  });

  it('is cut to the width of the terminal, because a line that wraps cannot be erased', () => {
    const { output, stderr } = screen(TERMINAL);
    output.progress(() => '12 open, 123.4 MB received, 123.4 MB sent');
    expect(stderr()).toBe('\r\x1b[K12 open, 123.4 MB r');
  });

  it.each([
    ['without a terminal', {}, {}],
    ['with --quiet', TERMINAL, { isQuiet: true }],
    ['with --json', TERMINAL, { isJson: true }],
  ])('is absent %s', (_when, terminal, options) => {
    const { output, stderr } = screen(terminal, options);
    output.progress(() => '1 open');
    output.clearProgress();
    expect(stderr()).toBe('');
  });
});
