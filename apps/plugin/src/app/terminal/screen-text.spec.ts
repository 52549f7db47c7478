import { Terminal } from '@xterm/xterm';
import { screenText } from './screen-text';

async function textOf(output: string): Promise<string> {
  const terminal = new Terminal({ cols: 10, rows: 4, scrollback: 100 });
  await new Promise<void>(resolve => terminal.write(output, resolve));
  const text = screenText(terminal.buffer.active);
  terminal.dispose();
  return text;
}

describe('what a terminal holds, as text', () => {
  it('has each line once, also what has scrolled out of sight', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    expect(await textOf(lines.join('\r\n'))).toBe(`${lines.join('\n')}\n`);
  });

  it('has long lines whole, spaces at the edge too', async () => {
    expect(await textOf('123456789 123456789 1234')).toBe('123456789 123456789 1234\n');
  });

  it('has the spaces that were written and no others, and no empty lines at the end', async () => {
    expect(await textOf('a  \r\n\r\nb\r\n\r\n')).toBe('a  \n\nb\n');
  });

  it('is empty where nothing was written', async () => {
    expect(await textOf('')).toBe('');
  });
});
