import { randomBytes } from 'node:crypto';
import { encodeHeader, FLAGS, type FrameHandler, FrameReader, TYPES, YamuxError } from './frame';

/** What a reader reports for bytes that are split at these positions. */
function eventsOf(bytes: Buffer, cuts: readonly number[]): unknown[] {
  const events: unknown[] = [];
  const payload: Buffer[] = [];
  const handler: FrameHandler = {
    onHeader: header => {
      events.push({ ...header });
      return header.streamId !== 9;
    },
    onBytes: (_header, chunk) => payload.push(Buffer.from(chunk)),
    onEnd: ({ streamId }) => events.push(['end', streamId, Buffer.concat(payload.splice(0))]),
  };
  const reader = new FrameReader(handler);
  let from = 0;
  for (const at of [...cuts, bytes.length]) {
    reader.read(bytes.subarray(from, at));
    from = at;
  }
  return events;
}

const FRAMES = Buffer.concat([
  encodeHeader(TYPES.windowUpdate, FLAGS.syn, 1, 0),
  encodeHeader(TYPES.data, 0, 1, 300),
  randomBytes(300),
  encodeHeader(TYPES.data, FLAGS.fin, 1, 0),
  encodeHeader(TYPES.data, 0, 9, 20),
  randomBytes(20),
  encodeHeader(TYPES.ping, FLAGS.syn, 0, 0xffff_ffff),
  encodeHeader(TYPES.data, FLAGS.fin, 3, 1),
  randomBytes(1),
  encodeHeader(TYPES.goAway, 0, 0, 0),
]);

it('reads the same frames from bytes that are split anywhere', () => {
  const whole = eventsOf(FRAMES, []);
  expect(whole).toHaveLength(10);
  expect(whole[2]).toEqual(['end', 1, FRAMES.subarray(24, 324)]);
  expect(eventsOf(FRAMES, [...FRAMES.keys()])).toEqual(whole);
  for (let round = 0; round < 200; round += 1) {
    const cuts = [...randomBytes(6)].map(byte => byte * 2).filter(at => at < FRAMES.length);
    expect(
      eventsOf(
        FRAMES,
        cuts.sort((left, right) => left - right),
      ),
    ).toEqual(whole);
  }
});

it('leaves out the bytes of frames that nobody wants', () => {
  expect(eventsOf(FRAMES, [])).not.toContainEqual(['end', 9, expect.anything()]);
});

it.each([
  ['another version', Buffer.from([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])],
  ['an unknown type', encodeHeader(4, 0, 1, 0)],
])('refuses %s', (_what, bytes) => {
  expect(() => eventsOf(bytes, [])).toThrow(YamuxError);
});
