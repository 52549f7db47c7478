import { OutputDecoder } from './output-decoder';

const TEXT = 'čšž € 漢字 😀 e\u0301 👩\u200d🔧\r\n\ufeff\x1b[1m';
const BYTES = new TextEncoder().encode(TEXT);

describe('OutputDecoder', () => {
  it('has characters whole, cut anywhere', () => {
    for (let first = 0; first <= BYTES.length; first++) {
      for (let second = first; second <= BYTES.length; second++) {
        const decoder = new OutputDecoder();
        const cuts = [BYTES.slice(0, first), BYTES.slice(first, second), BYTES.slice(second)];
        expect(cuts.map(cut => decoder.decode(cut)).join('')).toBe(TEXT);
      }
    }
  });

  it('has them whole byte by byte', () => {
    const decoder = new OutputDecoder();
    expect([...BYTES].map(byte => decoder.decode(Uint8Array.of(byte))).join('')).toBe(TEXT);
  });

  it('shows what would turn the direction in place of obeying it', () => {
    const bytes = new TextEncoder().encode('photo\u202egpj.exe\u2066');
    expect(new OutputDecoder().decode(bytes)).toBe('photo\ufffdgpj.exe\ufffd');
  });

  it('goes on after bytes that are no UTF-8', () => {
    expect(new OutputDecoder().decode(Uint8Array.of(0x61, 0xff, 0xc3, 0x62))).toBe(
      'a\ufffd\ufffdb',
    );
  });

  it('keeps no half character for the session after', () => {
    const decoder = new OutputDecoder();
    expect(decoder.decode(Uint8Array.of(0xe6, 0xbc))).toBe('');
    decoder.startAnew();
    expect(decoder.decode(Uint8Array.of(0x61))).toBe('a');
  });
});
