import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as ws from 'ws';
import { FrameError, frameHeader, OPCODES, maskInPlace } from './frame';
import { FrameParser } from './frame-parser';

/** Exported by `ws`, but not in its types. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

type Seen = [kind: string, ...details: unknown[]];

const MAX_MESSAGE_BYTES = 4_096;

/** What our parser makes of chunks; successive bytes are one entry. */
function parsed(
  chunks: readonly Buffer[],
  { expectsMask = true, maxPieces = Infinity } = {},
): Seen[] {
  const seen: Seen[] = [];
  const addBytes = (bytes: Buffer): void => {
    const last = seen.at(-1);
    if (last?.[0] === 'bytes') last[1] = `${String(last[1])}${bytes.toString('hex')}`;
    else seen.push(['bytes', bytes.toString('hex')]);
  };
  const parser = new FrameParser(
    {
      onBytes: addBytes,
      onText: text => seen.push(['text', text.toString()]),
      onPing: payload => seen.push(['ping', payload.toString('hex')]),
      onPong: payload => seen.push(['pong', payload.toString('hex')]),
      onClose: (code, reason) => {
        parser.stop();
        seen.push(['close', code, reason.toString()]);
      },
    },
    { expectsMask, maxMessageBytes: MAX_MESSAGE_BYTES, maxPieces },
  );
  try {
    for (const chunk of chunks) parser.parse(Buffer.from(chunk));
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    seen.push(['error', error.closeCode]);
  }
  return seen;
}

/** The same from `ws`, whose messages are whole. */
async function parsedByWs(chunks: readonly Buffer[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  const options = { isServer: true, maxPayload: MAX_MESSAGE_BYTES, allowSynchronousEvents: true };
  const receiver = new (
    Receiver as unknown as new (o: object) => NodeJS.EventEmitter & {
      write(chunk: Buffer): void;
      destroyed: boolean;
    }
  )(options);
  let isOver = false;
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    const text = data.toString(isBinary ? 'hex' : 'utf8');
    const last = seen.at(-1);
    if (isBinary && last?.[0] === 'bytes') last[1] = `${String(last[1])}${text}`;
    else if (text !== '' || !isBinary) seen.push([isBinary ? 'bytes' : 'text', text]);
  });
  receiver.on('ping', (payload: Buffer) => seen.push(['ping', payload.toString('hex')]));
  receiver.on('pong', (payload: Buffer) => seen.push(['pong', payload.toString('hex')]));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    isOver = true;
    seen.push(['close', code, reason.toString()]);
  });
  receiver.on('error', (error: Error & Record<symbol, number>) => {
    isOver = true;
    const key = Object.getOwnPropertySymbols(error).find(one => one.description === 'status-code');
    seen.push(['error', error[key!]]);
  });
  for (const chunk of chunks) {
    if (isOver || receiver.destroyed) break;
    receiver.write(Buffer.from(chunk));
  }
  // An error is emitted in a later turn.
  await nextTurn();
  return seen;
}

interface Frame {
  opcode: number;
  payload: Buffer;
  isFinal?: boolean;
  reservedBits?: number;
  isMasked?: boolean;
}

function encoded({ opcode, payload, isFinal = true, reservedBits = 0, isMasked = true }: Frame) {
  const mask = isMasked ? Buffer.of(0x37, 0xfa, 0x21, 0x3d) : undefined;
  const header = frameHeader(opcode, payload.length, mask);
  header[0] = (isFinal ? 0x80 : 0) | reservedBits | opcode;
  const body = Buffer.from(payload);
  if (mask) maskInPlace(body, 0, body.length, mask, 0);
  return Buffer.concat([header, body]);
}

/** A small seeded generator (mulberry32), so that a failure can be reproduced. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function cut(bytes: Buffer, random: (below: number) => number): Buffer[] {
  const chunks: Buffer[] = [];
  const longest = [1, 3, 17, 400, 70_000][random(5)]!;
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(longest);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function randomFrames(random: (below: number) => number): Buffer {
  const frames: Buffer[] = [];
  let isInMessage = false;
  for (let count = 1 + random(30); count > 0; count -= 1) {
    const sizes = [0, 1, 5, 125, 126, 127, 300, 2_000];
    const length = sizes[random(sizes.length)]!;
    const isControl = random(4) === 0;
    // Occasionally something that is forbidden.
    const isOdd = random(60) === 0;
    const isFinal = isControl || random(3) > 0;
    const opcode = isControl
      ? [OPCODES.ping, OPCODES.pong, OPCODES.ping, OPCODES.close][random(isOdd ? 4 : 3)]!
      : isInMessage !== isOdd
        ? OPCODES.continuation
        : [OPCODES.text, OPCODES.binary, OPCODES.binary][random(3)]!;
    const size = isControl ? Math.min(length, isOdd ? 126 : 125) : length;
    const payload = Buffer.alloc(size);
    for (let at = 0; at < size; at += 1) payload[at] = isOdd ? random(256) : 32 + random(90);
    if (!isControl) isInMessage = !isFinal;
    frames.push(
      encoded({
        opcode: isOdd && random(8) === 0 ? 3 + random(5) : opcode,
        payload,
        isFinal: isOdd && random(8) === 0 ? false : isFinal,
        reservedBits: isOdd && random(4) === 0 ? 0x40 : 0,
        isMasked: !(isOdd && random(8) === 0),
      }),
    );
  }
  return Buffer.concat(frames);
}

/** Removes bytes of a message that has not ended or is refused, which only our parser hands on. */
function comparable(ours: Seen[], theirs: Seen[]): [Seen[], Seen[]] {
  const withoutLastBytes = (seen: Seen[]): Seen[] =>
    seen.filter(([kind], index) => kind !== 'bytes' || index < seen.length - 2);
  const bytesOf = (seen: Seen[]): string =>
    seen.map(([kind, bytes]) => (kind === 'bytes' ? String(bytes) : '')).join('');
  // `ws` emits control frames between fragments before the whole message.
  expect(bytesOf(ours).startsWith(bytesOf(theirs))).toBe(true);
  const others = (seen: Seen[]): Seen[] => withoutLastBytes(seen).filter(([k]) => k !== 'bytes');
  return [others(ours), others(theirs)];
}

describe('a parser of frames', () => {
  it.each(Array.from({ length: 10 }, (_, round) => [round]))(
    'parses what ws parses, round %i with 50 streams',
    async round => {
      for (let index = 0; index < 50; index += 1) {
        const seed = round * 1_000 + index;
        const random = randomOf(seed);
        const stream = randomFrames(random);
        const chunks = cut(stream, random);
        const [ours, theirs] = comparable(parsed(chunks), await parsedByWs(chunks));
        expect({ seed, seen: ours }).toEqual({ seed, seen: theirs });
      }
    },
  );

  const text = (value: string, more: Partial<Frame> = {}): Buffer =>
    encoded({ opcode: OPCODES.text, payload: Buffer.from(value), ...more });
  const bytes = (value: string, more: Partial<Frame> = {}): Buffer =>
    encoded({ opcode: OPCODES.binary, payload: Buffer.from(value, 'hex'), ...more });
  const more = (value: string, isFinal = true): Buffer =>
    encoded({ opcode: OPCODES.continuation, payload: Buffer.from(value), isFinal });
  const close = (payload: Buffer): Buffer => encoded({ opcode: OPCODES.close, payload });
  const code = (value: number, reason = ''): Buffer => {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(value, 0);
    payload.write(reason, 2);
    return payload;
  };
  const ping = (length: number): Buffer =>
    encoded({ opcode: OPCODES.ping, payload: Buffer.alloc(length, 'p') });
  const error = (closeCode: number): Seen[] => [['error', closeCode]];

  // The groups of the Autobahn test suite that apply without extensions.
  it.each<[string, Buffer[], Seen[]]>([
    ['1 an empty text', [text('')], [['text', '']]],
    ['1 an empty message of bytes', [bytes('')], []],
    ['1 bytes with a 16-bit length', [bytes('ab'.repeat(126))], [['bytes', 'ab'.repeat(126)]]],
    ['2 a ping of 125 bytes', [ping(125)], [['ping', '70'.repeat(125)]]],
    ['2 a ping of 126 bytes', [ping(126)], error(1002)],
    ['3 a reserved bit', [text('a', { reservedBits: 0x10 })], error(1002)],
    [
      '3 a reserved bit after a message',
      [bytes('01'), bytes('02', { reservedBits: 0x20 })],
      [
        ['bytes', '01'],
        ['error', 1002],
      ],
    ],
    ['4 an unknown opcode', [encoded({ opcode: 5, payload: Buffer.of(1) })], error(1002)],
    [
      '4 an unknown control opcode',
      [encoded({ opcode: 11, payload: Buffer.alloc(0) })],
      error(1002),
    ],
    [
      '5 a fragmented ping',
      [encoded({ opcode: OPCODES.ping, payload: Buffer.of(1), isFinal: false })],
      error(1002),
    ],
    [
      '5 a text in pieces with a ping between',
      [text('ab', { isFinal: false }), ping(1), more('cd')],
      [
        ['ping', '70'],
        ['text', 'abcd'],
      ],
    ],
    [
      '5 bytes in pieces',
      [bytes('01', { isFinal: false }), more('a', false), more('b')],
      [['bytes', '016162']],
    ],
    ['5 a continuation of nothing', [more('ab')], error(1002)],
    [
      '5 a continuation after the end',
      [text('a'), more('b')],
      [
        ['text', 'a'],
        ['error', 1002],
      ],
    ],
    ['5 a message within a message', [text('a', { isFinal: false }), text('b')], error(1002)],
    [
      '6 text that is not UTF-8',
      [encoded({ opcode: OPCODES.text, payload: Buffer.of(0xce, 0xba, 0xed, 0xa0, 0x80) })],
      error(1007),
    ],
    [
      '6 a character split between pieces',
      [
        encoded({ opcode: OPCODES.text, payload: Buffer.of(0xce), isFinal: false }),
        encoded({ opcode: OPCODES.continuation, payload: Buffer.of(0xba) }),
      ],
      [['text', 'κ']],
    ],
    ['7 a close frame without a code', [close(Buffer.alloc(0))], [['close', 1005, '']]],
    ['7 a close frame of one byte', [close(Buffer.of(3))], error(1002)],
    ['7 a close frame with a reason', [close(code(1000, 'done'))], [['close', 1000, 'done']]],
    ['7 a reason that is not UTF-8', [close(Buffer.of(3, 0xe8, 0xce))], error(1007)],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map(
      (value): [string, Buffer[], Seen[]] => [
        `7 close code ${value}`,
        [close(code(value))],
        error(1002),
      ],
    ),
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map(
      (value): [string, Buffer[], Seen[]] => [
        `7 close code ${value}`,
        [close(code(value))],
        [['close', value, '']],
      ],
    ),
    ['7 anything after a close frame', [close(code(1000)), text('late')], [['close', 1000, '']]],
    ['9 a message above the limit', [bytes('00'.repeat(MAX_MESSAGE_BYTES + 1))], error(1009)],
    [
      '9 pieces above the limit',
      [bytes('00'.repeat(MAX_MESSAGE_BYTES), { isFinal: false }), more('a')],
      [
        ['bytes', '00'.repeat(MAX_MESSAGE_BYTES)],
        ['error', 1009],
      ],
    ],
    ['- a frame without a mask', [text('a', { isMasked: false })], error(1002)],
  ])('Autobahn %s', (_name, frames, expected) => {
    const stream = Buffer.concat(frames);
    expect(parsed([stream])).toEqual(expected);
    expect(parsed([...stream].map(byte => Buffer.of(byte)))).toEqual(expected);
  });

  it('refuses masked frames from a server, and accepts unmasked ones', () => {
    expect(parsed([text('a')], { expectsMask: false })).toEqual(error(1002));
    const plain = Buffer.concat([
      bytes('0102', { isMasked: false }),
      bytes('03', { isMasked: false }),
    ]);
    expect(parsed([plain], { expectsMask: false })).toEqual([['bytes', '010203']]);
  });

  it('hands on bytes before their message has ended', () => {
    const stream = bytes('ab'.repeat(2_000));
    expect(parsed([stream.subarray(0, 108)])).toEqual([['bytes', 'ab'.repeat(100)]]);
  });

  it('refuses a 64-bit length that no message may have', () => {
    const header = Buffer.from('82ffffffffffffffffff00000000', 'hex');
    expect(parsed([header])).toEqual(error(1009));
  });

  it.each([
    ['a text', text('a', { isFinal: false })],
    ['bytes', bytes('00', { isFinal: false })],
    ['nothing', bytes('', { isFinal: false })],
  ])('refuses %s in more pieces than a message may have', (_what, first) => {
    const pieces = Array.from({ length: 1_000 }, () => more('', false));
    const seen = parsed([first, ...pieces], { maxPieces: 1_000 });
    expect(seen.at(-1)).toEqual(['error', 1008]);
    expect(parsed([first, ...pieces], { maxPieces: 2_000 }).flat()).not.toContain('error');
  });

  it('refuses a text that arrives in too many pieces', () => {
    const chunks = [...text('a'.repeat(20))].map(byte => Buffer.of(byte));
    expect(parsed(chunks, { maxPieces: 10 })).toEqual(error(1008));
  });

  it('counts the memory of an incomplete text', () => {
    const ignore = (): void => undefined;
    const handler = {
      onBytes: ignore,
      onText: ignore,
      onPing: ignore,
      onPong: ignore,
      onClose: ignore,
    };
    const parser = new FrameParser(handler, {
      expectsMask: true,
      maxMessageBytes: 4_096,
      maxPieces: 10,
    });
    parser.parse(text('a'.repeat(1_000), { isFinal: false }));
    expect(parser.unfinishedBytes).toBeGreaterThanOrEqual(1_000);
    parser.parse(more('b'));
    expect([parser.unfinishedBytes, parser.framesIn]).toEqual([0, 2]);
  });
});
