import { chopped, randomSource, uint32 } from '@remote-access/testkit';
import { ViewOnlyFilter } from './view-only-filter';

/** One message of a client, and the part that the server receives. */
interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly passed: Buffer;
}

type Random = (below: number) => number;

const NOTHING = Buffer.alloc(0);
const EXTENDED_MOUSE_BUTTONS = -316;
const UNREGISTERED = 0x7fffffff;

const int32 = (value: number): Buffer => uint32(value >>> 0);
const uint16 = (value: number): Buffer => Buffer.of(value >>> 8, value & 0xff);

function noise(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

const message = (...parts: readonly (Buffer | number)[]): Buffer =>
  Buffer.concat(parts.map(part => (typeof part === 'number' ? Buffer.of(part) : part)));

const PASSED: Readonly<Record<string, (random: Random) => Buffer>> = {
  SetPixelFormat: random => message(0, noise(19, random)),
  FramebufferUpdateRequest: random => message(3, noise(9, random)),
  EnableContinuousUpdates: random => message(150, noise(9, random)),
  ClientFence: random => {
    const payload = noise(random(256), random);
    return message(248, noise(7, random), payload.length, payload);
  },
};

const DROPPED: Readonly<Record<string, (random: Random) => Buffer>> = {
  FixColourMapEntries: random => {
    const count = random(300);
    return message(1, noise(3, random), uint16(count), noise(6 * count, random));
  },
  KeyEvent: random => message(4, noise(7, random)),
  PointerEvent: random => message(5, noise(5, random)),
  ClientCutText: random => {
    const text = noise(random(1000), random);
    return message(6, noise(3, random), uint32(text.length), text);
  },
  'extended ClientCutText': random => {
    const text = noise(random(1000), random);
    return message(6, noise(3, random), int32(-text.length), text);
  },
  SetScale: random => message(8, noise(3, random)),
  SetServerInput: random => message(9, noise(3, random)),
  SetSW: random => message(10, noise(5, random)),
  TextChat: random => {
    const text = noise(random(1000), random);
    return message(11, noise(3, random), uint32(text.length), text);
  },
  'opening TextChat': random => message(11, noise(3, random), int32(-1)),
  'finishing TextChat': random => message(11, noise(3, random), int32(-3)),
  SetScaleFactor: random => message(15, noise(3, random)),
  xvp: random => message(250, noise(3, random)),
  SetDesktopSize: random => {
    const screens = random(256);
    return message(251, noise(5, random), screens, noise(1 + 16 * screens, random));
  },
  'gii, big endian': random => {
    const body = noise(random(600), random);
    return message(253, 0x80 | random(128), uint16(body.length), body);
  },
  'gii, little endian': random => {
    const body = noise(random(600), random);
    return message(253, random(128), uint16(body.length).reverse(), body);
  },
  'QEMU key event': random => message(255, 0, noise(10, random)),
  'QEMU audio on': () => message(255, 1, 0, 0),
  'QEMU audio off': () => message(255, 1, 0, 1),
  'QEMU audio format': random => message(255, 1, 0, 2, noise(6, random)),
};

function setEncodings(random: Random): Sample {
  const numbers = Array.from({ length: random(20) }, () =>
    random(4) === 0 ? EXTENDED_MOUSE_BUTTONS : random(2 ** 32) | 0,
  );
  const head = message(2, random(256), uint16(numbers.length));
  const kept = numbers.map(number => (number === EXTENDED_MOUSE_BUTTONS ? UNREGISTERED : number));
  return {
    name: 'SetEncodings',
    bytes: message(head, ...numbers.map(int32)),
    passed: message(head, ...kept.map(int32)),
  };
}

const SAMPLES: readonly ((random: Random) => Sample)[] = [
  setEncodings,
  ...Object.entries(PASSED).map(([name, make]) => (random: Random): Sample => {
    const bytes = make(random);
    return { name, bytes, passed: bytes };
  }),
  ...Object.entries(DROPPED).map(([name, make]) => (random: Random): Sample => ({
    name,
    bytes: make(random),
    passed: NOTHING,
  })),
];

function numbersFrom(seed: number): Random {
  const random = randomSource(seed);
  return below => Math.floor(random() * below);
}

function taken(pieces: readonly Uint8Array[], filter = new ViewOnlyFilter()): Buffer {
  return Buffer.concat(pieces.map(piece => filter.take(piece)));
}

describe('the filter of a view-only session', () => {
  it.each(Object.entries(PASSED))('passes %s', (_name, make) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const bytes = make(numbersFrom(seed));
      expect(taken([bytes])).toEqual(bytes);
    }
  });

  it.each(Object.entries(DROPPED))('drops %s and nothing that follows', (_name, make) => {
    const request = PASSED['FramebufferUpdateRequest']!;
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = numbersFrom(seed);
      const next = request(random);
      expect(taken([message(make(random), next)])).toEqual(next);
    }
  });

  it('passes SetEncodings without the encoding that makes pointer events longer', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { bytes, passed } = setEncodings(numbersFrom(seed));
      expect(taken([bytes])).toEqual(passed);
    }
  });

  it('yields the same result however the messages are split', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = numbersFrom(seed);
      const samples = Array.from({ length: 40 }, () => SAMPLES[random(SAMPLES.length)]!(random));
      const names = samples.map(({ name }) => name);
      const passed = Buffer.concat(samples.map(sample => sample.passed));
      for (const { name, pieces } of chopped(Buffer.concat(samples.map(s => s.bytes)), 5)) {
        expect({ names, name, passed: taken(pieces) }).toEqual({ names, name, passed });
      }
    }
  });

  it('passes only whole messages that change nothing, whatever a client sends', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = numbersFrom(seed);
      const filter = new ViewOnlyFilter();
      const pieces: Buffer[] = [];
      const feed = (): void => {
        for (let piece = 0; piece < 50; piece += 1) {
          // Small numbers are message types, and yield lengths that are used up.
          const bytes = noise(random(40), random).map(byte => (random(2) === 0 ? byte % 7 : byte));
          pieces.push(filter.take(bytes));
        }
      };
      try {
        feed();
      } catch (cause) {
        expect(cause).toMatchObject({ code: 'view-only' });
      }
      expect(typesIn(Buffer.concat(pieces))).toEqual(expect.not.arrayContaining(['other']));
    }
  });

  it.each([7, 12, 20, 99, 127, 249, 252, 254])('refuses the unknown message type %i', type => {
    expect(() => taken([message(PASSED['ClientFence']!(numbersFrom(1)), type)])).toThrow(
      `The endpoint is view-only, and the viewer sent a message of unknown type ${type}.`,
    );
  });

  it.each([
    [255, 2, 0, 0],
    [255, 1, 1, 0],
    [255, 1, 0, 3],
  ])('refuses the unknown QEMU message %i %i %i %i', (...bytes) => {
    expect(() => taken([Buffer.from(bytes)])).toThrow(/unknown type 255 \(/);
  });

  it.each([
    ['the longest text', 0x7fffffff, 0x7fffffff],
    ['the longest extended clipboard', 0x80000000, 0x80000000],
  ])('skips %s without keeping it', (_name, length, bytes) => {
    const filter = new ViewOnlyFilter();
    const chunk = Buffer.alloc(2 ** 20, 4);
    expect(filter.take(message(6, 0, 0, 0, uint32(length)))).toHaveLength(0);
    let left = bytes;
    for (; left > chunk.length; left -= chunk.length) filter.take(chunk);
    const request = PASSED['FramebufferUpdateRequest']!(numbersFrom(1));
    expect(taken([chunk.subarray(0, left), request], filter)).toEqual(request);
  });
});

/** The types of the messages in what passed, or `other`; the last one may be incomplete. */
function typesIn(passed: Buffer): (number | 'other')[] {
  const lengthOf = (at: number): number | undefined => {
    switch (passed[at]) {
      case 0:
        return 20;
      case 2:
        return at + 4 > passed.length ? 4 : 4 + 4 * passed.readUInt16BE(at + 2);
      case 3:
      case 150:
        return 10;
      case 248:
        return 9 + (passed[at + 8] ?? 0);
      default:
        return undefined;
    }
  };
  const types: (number | 'other')[] = [];
  for (let at = 0; at < passed.length;) {
    const length = lengthOf(at);
    types.push(length === undefined ? 'other' : passed[at]!);
    at += length ?? passed.length;
  }
  return types;
}
