import { type Encoding, ENCODINGS } from '@remote-access/contracts';
import { chopped } from '@remote-access/testkit';
import { encode } from 'iconv-lite';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { asUtf8 } from './transcoded-stream';

const TEXTS: Readonly<Record<Encoding, string>> = {
  'utf-8': 'čšž € 漢字 😀',
  latin1: 'Störung: 20 °C, façade',
  cp437: '╔═╗ ▒ é π',
  gbk: '温度过高 OK',
  shift_jis: 'ポンプ停止 ﾊﾞﾙﾌﾞ',
};

class FakeTarget extends Duplex {
  readonly told: Buffer[] = [];
  ended = false;

  override _read(): void {
    // The test pushes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.told.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.ended = true;
    done();
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe.each(ENCODINGS.map(encoding => [encoding]))('an endpoint that writes %s', encoding => {
  const text = TEXTS[encoding].repeat(3);

  it.each([...chopped(encode(text, encoding), 8)].map(({ name, pieces }) => [name, pieces]))(
    'is read as UTF-8, %s',
    async (_name, pieces) => {
      const target = new FakeTarget();
      const read = textOf(asUtf8(target, encoding));
      for (const piece of pieces) target.push(piece);
      target.push(null);
      expect(await read).toBe(text);
    },
  );

  it.each([...chopped(Buffer.from(text), 8)].map(({ name, pieces }) => [name, pieces]))(
    'receives input that was typed in UTF-8, %s',
    async (_name, pieces) => {
      const target = new FakeTarget();
      const stream = asUtf8(target, encoding);
      for (const piece of pieces) stream.write(piece);
      stream.end();
      await once(stream, 'finish');
      expect(Buffer.concat(target.told).equals(encode(text, encoding))).toBe(true);
      expect(target.ended).toBe(true);
      target.destroy();
    },
  );
});

it('sends a question mark for a character that the encoding lacks', async () => {
  const target = new FakeTarget();
  const stream = asUtf8(target, 'latin1');
  stream.end('a漢b');
  await once(stream, 'finish');
  expect(Buffer.concat(target.told).toString('latin1')).toBe('a?b');
});

it('passes the bytes of a UTF-8 endpoint unchanged', () => {
  const target = new FakeTarget();
  expect(asUtf8(target)).toBe(target);
});

it('applies backpressure while nobody reads', () => {
  const target = new FakeTarget();
  const stream = asUtf8(target, 'gbk');
  stream.pause();
  for (let at = 0; at < 100; at += 1) target.push(Buffer.alloc(10_000, 0x61));
  stream.read(0);
  return new Promise<void>(resolve => {
    setImmediate(() => {
      expect(target.isPaused()).toBe(true);
      expect(stream.readableLength).toBeLessThan(200_000);
      stream.destroy();
      resolve();
    });
  });
});

it('destroys the stream on an error of the target, and the target with the stream', async () => {
  const target = new FakeTarget();
  const stream = asUtf8(target, 'cp437');
  const failed = once(stream, 'error');
  target.destroy(new Error('gone'));
  expect(((await failed) as [Error])[0].message).toBe('gone');
  const other = new FakeTarget();
  asUtf8(other, 'cp437').destroy();
  expect(other.destroyed).toBe(true);
});
