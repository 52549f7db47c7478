import { Duplex } from 'node:stream';
import { waitUntil } from '@remote-access/testkit';
import type { ClientSide } from './client-side';
import { MAX_UNACKNOWLEDGED_BYTES, ResumableClient, TAIL_BYTES } from './resumable-client';

/** A connection of the client, which reads only as much as the test lets it. */
class Connection extends Duplex {
  readonly received: Buffer[] = [];
  readonly told: unknown[] = [];
  /** Passes on how many bytes the client has acknowledged since the start of the session. */
  acknowledge: (bytes: number) => void = () => undefined;
  isReading = true;
  private accepted: (() => void) | undefined;

  constructor() {
    super({ readableHighWaterMark: 1_024, writableHighWaterMark: 1_024 });
  }

  get asSide(): ClientSide {
    return this as unknown as ClientSide;
  }

  get text(): string {
    return Buffer.concat(this.received).toString();
  }

  countFrom(_from: number, acknowledged: (bytes: number) => void): void {
    this.acknowledge = acknowledged;
  }

  tell(message: unknown): void {
    this.told.push(message);
  }

  readOn(): void {
    this.isReading = true;
    const { accepted } = this;
    this.accepted = undefined;
    accepted?.();
  }

  override _read(): void {
    // The test pushes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received.push(chunk);
    if (this.isReading) done();
    else this.accepted = done;
  }
}

function opened() {
  const connection = new Connection();
  const client = new ResumableClient(connection.asSide);
  const input: Buffer[] = [];
  client.on('data', (chunk: Buffer) => input.push(chunk));
  return { client, connection, typed: () => Buffer.concat(input).toString() };
}

/** @returns whether the chunk was accepted by now */
async function isAccepted(client: ResumableClient, chunk: Buffer): Promise<boolean> {
  let accepted = false;
  client.write(chunk, () => (accepted = true));
  await new Promise(setImmediate);
  return accepted;
}

describe('output', () => {
  it('is sent again from where the next connection has it', async () => {
    const { client, connection } = opened();
    client.write('one two ');
    await waitUntil('the first output', () => connection.text === 'one two ');
    client.lost();
    client.write('three');
    const next = new Connection();
    client.detach();
    client.attach(next.asSide, client.oldestFrom(4));
    await waitUntil('the rest', () => next.text === 'two three');
    expect(client.bytesOut).toBe(13);
  });

  it('is accepted without a connection, up to the limit', async () => {
    const { client } = opened();
    client.lost();
    expect(await isAccepted(client, Buffer.alloc(MAX_UNACKNOWLEDGED_BYTES - 1))).toBe(true);
    expect(await isAccepted(client, Buffer.alloc(1))).toBe(false);
  });

  it('is accepted again once the next connection has acknowledged some', async () => {
    const { client } = opened();
    client.lost();
    expect(await isAccepted(client, Buffer.alloc(MAX_UNACKNOWLEDGED_BYTES, 'x'))).toBe(false);
    const next = new Connection();
    client.attach(next.asSide, 0);
    await waitUntil('all of it', () => next.text.length === MAX_UNACKNOWLEDGED_BYTES);
    expect(client.writableLength).toBe(MAX_UNACKNOWLEDGED_BYTES);
    next.acknowledge(1);
    await waitUntil('room', () => client.writableLength === 0);
  });

  it('waits for a connection that reads slowly', async () => {
    const { client, connection } = opened();
    connection.isReading = false;
    expect(await isAccepted(client, Buffer.alloc(2_048))).toBe(false);
    connection.readOn();
    await waitUntil('the chunk', () => client.writableLength === 0);
  });

  it('is kept for another window only as long as there is memory for it', () => {
    const { client, connection } = opened();
    const bytes = 2 * TAIL_BYTES;
    client.write(Buffer.alloc(bytes));
    connection.acknowledge(bytes);
    expect(client.tailStart).toBe(bytes - TAIL_BYTES);
    client.relieve();
    expect(client.tailStart).toBe(bytes);
    expect(client.heldBytes).toBe(0);
  });

  it('reaches the client that comes back after the end', async () => {
    const { client } = opened();
    client.detach();
    client.write('last words');
    const next = new Connection();
    client.attach(next.asSide, 0);
    client.end();
    await waitUntil('the end', () => next.writableFinished);
    expect(next.text).toBe('last words');
  });
});

describe('input', () => {
  it('of successive connections is one stream, and counted as one', async () => {
    const { client, connection, typed } = opened();
    connection.push('ab');
    await waitUntil('the first input', () => typed() === 'ab');
    client.lost();
    client.detach();
    const next = new Connection();
    client.attach(next.asSide, 0);
    next.push('cd');
    await waitUntil('all input', () => typed() === 'abcd');
    expect(client.bytesIn).toBe(4);
  });

  it('is not read any more from a connection that was replaced', async () => {
    const { client, connection, typed } = opened();
    client.detach();
    const next = new Connection();
    client.attach(next.asSide, 0);
    connection.push('late');
    next.push('new');
    await waitUntil('the new input', () => typed() !== '');
    expect([typed(), client.bytesIn]).toEqual(['new', 3]);
  });

  it('is acknowledged in steps, and never twice', async () => {
    const { connection, typed } = opened();
    connection.push(Buffer.alloc(20_000, 'a'));
    connection.push(Buffer.alloc(10, 'b'));
    await waitUntil('all input', () => typed().length === 20_010);
    expect(connection.told).toEqual([{ type: 'input', bytes: 20_000 }]);
  });

  it('that a filter removes counts as read', async () => {
    const { client, connection, typed } = opened();
    client.filterInput(chunk => Buffer.from(chunk.toString().replaceAll('x', '')));
    connection.push('xxx');
    connection.push('ax');
    await waitUntil('the rest', () => typed() === 'a');
    expect(client.bytesIn).toBe(5);
  });

  it('of someone else is not the client’s', async () => {
    const { client, typed } = opened();
    const goOn = jest.fn();
    client.typeIn(Buffer.from('hi'), goOn);
    await waitUntil('it', () => typed() === 'hi');
    expect([client.bytesIn, goOn.mock.calls.length]).toEqual([0, 1]);
  });

  it('ends with a client that leaves, after what the client sent', async () => {
    const { client, connection, typed } = opened();
    const ended = jest.fn();
    client.on('end', ended);
    connection.push('bye');
    connection.push(null);
    client.leave();
    await waitUntil('the end', () => ended.mock.calls.length > 0);
    expect(typed()).toBe('bye');
  });

  it('does not end with a connection that is lost', async () => {
    const { client, connection, typed } = opened();
    const ended = jest.fn();
    client.on('end', ended);
    connection.push('still here');
    connection.push(null);
    client.lost();
    await waitUntil('what it delivered', () => typed() === 'still here');
    await new Promise(setImmediate);
    expect(ended).not.toHaveBeenCalled();
  });
});
