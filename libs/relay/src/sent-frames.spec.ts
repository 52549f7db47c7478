import { Duplex } from 'node:stream';
import { OPCODES } from './frame';
import {
  addBytes,
  cutNearStarts,
  difference,
  encoded,
  parsedByWs,
  printable,
  type Random,
  randomOf,
  type Seen,
} from './frame-streams.fixture';
import { FramedConnection } from './framed-connection';

const MAX_MESSAGE_BYTES = 1_000_000;

/** A transport that takes everything at once, and keeps it. */
function recorder(): { transport: Duplex; writes: Buffer[] } {
  const writes: Buffer[] = [];
  const transport = new Duplex({
    writableHighWaterMark: 2 ** 30,
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      writes.push(Buffer.from(chunk));
      done();
    },
  });
  return { transport, writes };
}

function randomPayload(random: Random): Buffer {
  const sizes = [0, 1, 125, 126, 127, 2_000, 65_535, 65_536, 65_537 + random(60_000)];
  return printable(sizes[random(sizes.length)]!, random);
}

/**
 * Sends messages of every kind, answers pings of the peer, and closes.
 * @returns what the peer must read
 */
function sendEverything(
  connection: FramedConnection,
  random: Random,
  isPeerMasked: boolean,
): Seen[] {
  const expected: Seen[] = [];
  for (let count = 1 + random(12); count > 0; count -= 1) {
    const payload = randomPayload(random);
    const asked = payload.subarray(0, 125);
    const actions = [
      () => {
        expected.push(['text', payload.toString()]);
        connection.send(payload.toString());
      },
      () => {
        expected.push(['ping', '']);
        connection.ping();
      },
      () => {
        expected.push(['pong', asked.toString('hex')]);
        const ping = { opcode: OPCODES.ping, payload: asked, isMasked: isPeerMasked };
        connection.received(encoded(ping));
      },
      () => {
        addBytes(expected, payload.toString('hex'));
        connection.sendPieces(cutNearStarts([payload], random));
      },
      () => {
        addBytes(expected, payload.toString('hex'));
        connection.send(payload);
      },
    ];
    actions[random(actions.length)]!();
  }
  expected.push(['close', 4_000, 'over']);
  connection.close(4_000, 'over');
  return expected;
}

it.each([
  ['a server', { role: 'server' }],
  ['a client', { role: 'client' }],
  ['a client that masks in place', { role: 'client', masksInPlace: true }],
] as const)('ws reads what %s sends, in the order in which it was sent', async (_name, options) => {
  const isServer = options.role === 'server';
  for (let seed = 0; seed < 40; seed += 1) {
    const random = randomOf(seed);
    const { transport, writes } = recorder();
    const connection = new FramedConnection(transport, {
      ...options,
      protocol: '',
      maxMessageBytes: MAX_MESSAGE_BYTES,
    });
    const expected = sendEverything(connection, random, isServer);
    connection.terminate();
    const chunks = cutNearStarts(writes, random);
    const limits = { isServer: !isServer, maxMessageBytes: MAX_MESSAGE_BYTES };
    const seen = await parsedByWs(chunks, limits);
    expect({ seed, ...difference(seen, expected) }).toEqual({ seed });
  }
});
