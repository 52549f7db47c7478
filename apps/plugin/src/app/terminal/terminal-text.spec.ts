import { OutputDecoder, screenText } from './terminal-text';
import { Terminal } from '@xterm/xterm';

const TEXT = 'čšž € 漢字 😀 e\u0301 👩\u200d🔧\r\n\ufeff\x1b[1m';
const BYTES = new TextEncoder().encode(TEXT);

describe('OutputDecoder', () => {
  it('decodes characters split at any byte', () => {
    for (let first = 0; first <= BYTES.length; first++) {
      for (let second = first; second <= BYTES.length; second++) {
        const decoder = new OutputDecoder();
        const cuts = [BYTES.slice(0, first), BYTES.slice(first, second), BYTES.slice(second)];
        expect(cuts.map(cut => decoder.decode(cut)).join('')).toBe(TEXT);
      }
    }
  });

  it('decodes characters byte by byte', () => {
    const decoder = new OutputDecoder();
    expect([...BYTES].map(byte => decoder.decode(Uint8Array.of(byte))).join('')).toBe(TEXT);
  });

  it('replaces direction controls', () => {
    const bytes = new TextEncoder().encode('photo\u202egpj.exe\u2066');
    expect(new OutputDecoder().decode(bytes)).toBe('photo\ufffdgpj.exe\ufffd');
  });

  it('continues after invalid UTF-8', () => {
    expect(new OutputDecoder().decode(Uint8Array.of(0x61, 0xff, 0xc3, 0x62))).toBe(
      'a\ufffd\ufffdb',
    );
  });

  it('drops a partial character when it is reset', () => {
    const decoder = new OutputDecoder();
    expect(decoder.decode(Uint8Array.of(0xe6, 0xbc))).toBe('');
    decoder.reset();
    expect(decoder.decode(Uint8Array.of(0x61))).toBe('a');
  });
});

async function textOf(output: string): Promise<string> {
  const terminal = new Terminal({ cols: 10, rows: 4, scrollback: 100 });
  await new Promise<void>(resolve => terminal.write(output, resolve));
  const text = screenText(terminal.buffer.active);
  terminal.dispose();
  return text;
}

describe('screenText', () => {
  it('contains each line once, including the scrollback', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    expect(await textOf(lines.join('\r\n'))).toBe(`${lines.join('\n')}\n`);
  });

  it('joins wrapped lines, and keeps spaces at the edge', async () => {
    expect(await textOf('123456789 123456789 1234')).toBe('123456789 123456789 1234\n');
  });

  it('contains only spaces that were written, and no empty lines at the end', async () => {
    expect(await textOf('a  \r\n\r\nb\r\n\r\n')).toBe('a  \n\nb\n');
  });

  it('is empty if nothing was written', async () => {
    expect(await textOf('')).toBe('');
  });
});
