import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { NODE_CRYPTOGRAPHY, HandshakeRunner, read, send, type Handshake } from '@remote-access/vnc';
import type { OperatingPanel } from './operating-panel';
import { PANEL_SIZE } from './panel-machine';
import { startSmallVncServer } from './small-vnc-server';

/** VNC reverses the bits of each password byte. */
const mirrored = (byte: number): number =>
  parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2);

let panel: OperatingPanel;
let socket: Socket;
let runner: HandshakeRunner;

beforeEach(async () => {
  panel = await startSmallVncServer();
  socket = connect(panel.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const ended = (what: string): Error => new Error(`The panel gave no ${what}`);
  runner = new HandshakeRunner(socket, { timeoutMs: 10_000, late: ended, ended });
});
afterEach(async () => {
  socket.destroy();
  await panel.stop();
});

/** @returns whether the password is accepted */
function* signIn(password: string): Handshake<boolean> {
  yield* send(yield* read(12, 'version'));
  yield* send((yield* read(2, 'types')).slice(1));
  const challenge = yield* read(16, 'challenge');
  const key = Buffer.from(password.padEnd(8, '\0')).map(mirrored);
  yield* send(NODE_CRYPTOGRAPHY.desEcb(key, challenge));
  return (yield* read(4, 'result'))[3] === 0;
}

function* pointer(buttons: number, x: number, y: number): Handshake<void> {
  yield* send(Uint8Array.of(5, buttons, x >> 8, x & 0xff, y >> 8, y & 0xff));
}

/** Requests an incremental or a full update, and reads its one rectangle. */
function* update(incremental: boolean): Handshake<{ y: number; pixels: Buffer }> {
  const { width, height } = PANEL_SIZE;
  const request = Buffer.of(3, incremental ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0);
  request.writeUInt16BE(width, 6);
  request.writeUInt16BE(height, 8);
  yield* send(request);
  const head = Buffer.from(yield* read(16, 'rectangle'));
  const length = head.readUInt16BE(8) * head.readUInt16BE(10) * 4;
  return { y: head.readUInt16BE(6), pixels: Buffer.from(yield* read(length, 'pixels')) };
}

function pixelFormat(...bytes: number[]): Buffer {
  return Buffer.concat([Buffer.alloc(4), Buffer.of(...bytes), Buffer.alloc(16 - bytes.length)]);
}

it('admits nobody without its password', async () => {
  expect(await runner.run(signIn('wrong'))).toBe(false);
});

it('shows a panel whose buttons do something', async () => {
  expect(await runner.run(signIn(panel.password))).toBe(true);
  await runner.run(send(Uint8Array.of(1)));
  const init = Buffer.from(await runner.run(read(24, 'screen')));
  expect([init.readUInt16BE(0), init.readUInt16BE(2)]).toEqual([640, 400]);
  await runner.run(read(init.readUInt32BE(20), 'name'));
  const whole = await runner.run(update(false));
  expect(whole.pixels).toHaveLength(640 * 400 * 4);
  // Nothing changes until START is pressed; then the counter runs.
  await runner.run(pointer(1, 96, 336));
  const pressed = await runner.run(update(true));
  expect(pressed.pixels.length).toBeLessThan(whole.pixels.length);
  await runner.run(pointer(0, 96, 336));
  await runner.run(update(true));
  const counted = await runner.run(update(true));
  expect(counted.y).toBeGreaterThan(88);
  expect(counted.y + counted.pixels.length / (640 * 4)).toBeLessThan(208);
});

it.each([
  ['a message of no known type', Buffer.of(99)],
  ['a clipboard of 2^31 bytes', Buffer.of(6, 0, 0, 0, 0x80, 0, 0, 0)],
  ['a pixel format of palettes', pixelFormat(8, 24, 0, 0)],
  ['a pixel format whose red is too large', pixelFormat(8, 24, 0, 1, 0xff, 0xff, 0, 7, 0, 3, 0)],
  [
    'a pixel format that shifts blue too far',
    pixelFormat(32, 24, 0, 1, 0, 7, 0, 7, 0, 7, 0, 0, 30),
  ],
])('ends a viewer that sends %s', async (_name, said) => {
  await runner.run(signIn(panel.password));
  await runner.run(send(Uint8Array.of(1)));
  await runner.run(read(24 + 'Operating panel'.length, 'screen'));
  await runner.run(send(said));
  socket.resume();
  await once(socket, 'end');
});

it('queues no pictures for a viewer that does not take them', async () => {
  const { width, height } = PANEL_SIZE;
  await runner.run(signIn(panel.password));
  await runner.run(send(Uint8Array.of(1)));
  await runner.run(read(24 + 'Operating panel'.length, 'screen'));
  const wholePicture = Buffer.of(3, 0, 0, 0, 0, 0, width >> 8, width & 0xff, 1, height & 0xff);
  const requests = Array.from({ length: 50 }, () => wholePicture);
  // The last message is invalid and ends the connection.
  await runner.run(send(Buffer.concat([...requests, Buffer.of(99)])));
  let received = 0;
  socket.on('data', ({ length }) => (received += length)).resume();
  await once(socket, 'end');
  expect(received).toBeLessThan(10 * width * height * 4);
});
