import { FrameError, OPCODES } from './frame';
import { FrameParser } from './frame-parser';
import {
  addBytes,
  cut,
  cutNearStarts,
  difference,
  encoded,
  type Frame,
  parsedByWs,
  printable,
  type Random,
  randomOf,
  type Seen,
} from './frame-streams.fixture';

const MAX_MESSAGE_BYTES = 4_096;

/** What our parser makes of chunks. */
function parsed(
  chunks: readonly Buffer[],
  { expectsMask = true, maxPieces = Infinity, maxMessageBytes = MAX_MESSAGE_BYTES } = {},
): Seen[] {
  const seen: Seen[] = [];
  const parser = new FrameParser(
    {
      onBytes: bytes => addBytes(seen, bytes.toString('hex')),
      onText: text => seen.push(['text', text.toString()]),
      onPing: payload => seen.push(['ping', payload.toString('hex')]),
      onPong: payload => seen.push(['pong', payload.toString('hex')]),
      onClose: (code, reason) => {
        parser.stop();
        seen.push(['close', code, reason.toString()]);
      },
    },
    { expectsMask, maxMessageBytes, maxPieces },
  );
  try {
    for (const chunk of chunks) parser.parse(Buffer.from(chunk));
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    seen.push(['error', error.closeCode]);
  }
  return seen;
}

/** Frames of which a few violate the protocol. */
function randomFrames(random: Random, areMasked: boolean): Buffer {
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
    const isOddlyMasked = isOdd && random(8) === 0;
    frames.push(
      encoded({
        opcode: isOdd && random(8) === 0 ? 3 + random(5) : opcode,
        payload,
        isFinal: isOdd && random(8) === 0 ? false : isFinal,
        reservedBits: isOdd && random(4) === 0 ? 0x40 : 0,
        isMasked: areMasked !== isOddlyMasked,
      }),
    );
  }
  return Buffer.concat(frames);
}

/** Of both sides of a 16-bit length and of a 64-bit one; together less than 1 MiB. */
function randomLength(random: Random): number {
  const kind = random(8);
  if (kind === 0) return 65_530 + random(12);
  if (kind === 1) return 65_536 + random(60_000);
  return [0, 1, 125, 126, 127, 2_000][random(6)]!;
}

interface ValidStream {
  readonly frames: Buffer[];
  /** The events of the frames, in their order. */
  readonly expected: Seen[];
}

/** Messages in fragments of any length, with control frames anywhere; the last frame closes. */
function validStream(random: Random, isMasked: boolean): ValidStream {
  const frames: Buffer[] = [];
  const expected: Seen[] = [];
  const addControls = (): void => {
    while (random(3) === 0) {
      const kind = random(2) === 0 ? 'ping' : 'pong';
      const payload = printable(random(126), random);
      frames.push(encoded({ opcode: OPCODES[kind], payload, isMasked }));
      expected.push([kind, payload.toString('hex')]);
    }
  };
  for (let messages = 1 + random(5); messages > 0; messages -= 1) {
    const type = random(3) === 0 ? 'text' : 'binary';
    const fragments = 1 + random(4);
    let text = '';
    for (let index = 0; index < fragments; index += 1) {
      addControls();
      const payload = printable(randomLength(random), random);
      const opcode = index === 0 ? OPCODES[type] : OPCODES.continuation;
      frames.push(encoded({ opcode, payload, isFinal: index === fragments - 1, isMasked }));
      if (type === 'binary') addBytes(expected, payload.toString('hex'));
      else text += payload.toString();
    }
    if (type === 'text') expected.push(['text', text]);
  }
  addControls();
  frames.push(encoded({ opcode: OPCODES.close, payload: Buffer.of(0x03, 0xe8), isMasked }));
  expected.push(['close', 1000, '']);
  return { frames, expected };
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

describe.each([
  ['a server', true],
  ['a client', false],
])('the parser of %s', (_role, expectsMask) => {
  it.each(Array.from({ length: 5 }, (_, round) => [round]))(
    'parses what ws parses, round %i with 50 streams',
    async round => {
      const options = { isServer: expectsMask, maxMessageBytes: MAX_MESSAGE_BYTES };
      for (let index = 0; index < 50; index += 1) {
        const seed = round * 1_000 + index;
        const random = randomOf(seed);
        const stream = randomFrames(random, expectsMask);
        const chunks = cut(stream, random);
        const theirs = await parsedByWs(chunks, options);
        const [ours, reference] = comparable(parsed(chunks, { expectsMask }), theirs);
        expect({ seed, seen: ours }).toEqual({ seed, seen: reference });
      }
    },
  );

  it('hands on payload and control frames in their order, with lengths of 16 and 64 bits', async () => {
    const maxMessageBytes = 1_000_000;
    for (let seed = 0; seed < 60; seed += 1) {
      const random = randomOf(seed);
      const { frames, expected } = validStream(random, expectsMask);
      const chunks = cutNearStarts(frames, random);
      const seen = parsed(chunks, { expectsMask, maxMessageBytes });
      expect({ seed, ...difference(seen, expected) }).toEqual({ seed });
      const theirs = await parsedByWs(chunks, { isServer: expectsMask, maxMessageBytes });
      const [ours, reference] = comparable(seen, theirs);
      expect({ seed, ...difference(ours, reference) }).toEqual({ seed });
    }
  });
});

describe('a parser of frames', () => {
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

  it.each<[string, Buffer, Seen[]]>([
    ['nothing', Buffer.alloc(0), []],
    ['a longer message', bytes('ab'.repeat(19_000)), [['bytes', 'ab'.repeat(19_000)]]],
    ['a text', text('a'), [['text', 'a']]],
    [
      'a message in pieces',
      Buffer.concat([bytes('01', { isFinal: false }), more('a')]),
      [['bytes', '0161']],
    ],
    [
      'a frame without a mask',
      Buffer.concat([bytes('01'.repeat(30), { isMasked: false }), bytes('02'.repeat(30))]),
      error(1002),
    ],
    ['a reserved bit', bytes('01'.repeat(30), { reservedBits: 0x40 }), error(1002)],
    [
      'a message within a message',
      Buffer.concat([bytes('01', { isFinal: false }), bytes('02'.repeat(30))]),
      [['bytes', '01'], ...error(1002)],
    ],
    ['a message above the limit', bytes('00'.repeat(20_001)), error(1009)],
  ])('hands on a flood of short messages and then %s, wherever it is cut', (_what, last, seen) => {
    const random = randomOf(1);
    const lengths = [0, 1, 2, 3, 4, 15, 16, 17, 124, 125, 126, 127, 128, 511, 512, 513, 4_000];
    const payloads = Array.from({ length: 40 }, () =>
      printable(lengths[random(lengths.length)]!, random),
    );
    const expected: Seen[] = [['bytes', Buffer.concat(payloads).toString('hex')]];
    for (const [kind, ...details] of seen) {
      if (kind === 'bytes') addBytes(expected, String(details[0]));
      else expected.push([kind, ...details]);
    }
    const frames = payloads.map(payload => encoded({ opcode: OPCODES.binary, payload }));
    const cuts = Array.from({ length: 20 }, () => cutNearStarts([...frames, last], random));
    for (const chunks of [[Buffer.concat([...frames, last])], ...cuts]) {
      expect(difference(parsed(chunks, { maxMessageBytes: 20_000 }), expected)).toBeUndefined();
    }
  });

  it('does not take the rest of a header for the beginning of another', () => {
    const header = Buffer.from('828285000000', 'hex');
    const stream = Buffer.concat([header, Buffer.from('8401', 'hex'), bytes('02'.repeat(30))]);
    const chunks = [stream.subarray(0, 1), stream.subarray(1)];
    expect(parsed(chunks)).toEqual([['bytes', `0101${'02'.repeat(30)}`]]);
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

  it('counts frames, and the memory of an incomplete text', () => {
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
    parser.parse(Buffer.concat(Array.from({ length: 5 }, () => bytes('00'.repeat(20)))));
    expect(parser.framesIn).toBe(7);
  });
});
