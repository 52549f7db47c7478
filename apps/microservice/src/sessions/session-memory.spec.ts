import type { Duplex } from 'node:stream';
import { isRefusal } from '@remote-access/contracts';
import type { HeldBytesWatcher, WebSocketDuplex } from '@remote-access/streams';
import { MemoryBudget, type Reservation } from '../memory/memory-budget';
import { SESSION_BYTES, SessionMemory } from './session-memory';

const MIB = 1024 * 1024;
const OWNER = { tenant: 't1', userName: 'ana' };

let budget: MemoryBudget;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  budget = new MemoryBudget({ processBytes: 2 * MIB, tenantBytes: 2 * MIB, userBytes: 2 * MIB });
});
afterEach(() => jest.useRealTimers());

function reserve(bytes: number): Reservation {
  const reserved = budget.reserve(OWNER, bytes);
  if (isRefusal(reserved)) throw reserved;
  return reserved;
}

/** A side that holds as much as the test specifies. */
class Side {
  heldBytes = 0;
  unfinishedBytes = 0;
  isHeld = false;
  private watcher!: HeldBytesWatcher;

  watchHeldBytes(watcher: HeldBytesWatcher): void {
    this.watcher = watcher;
  }

  setHeld(isHeld: boolean): void {
    this.isHeld = isHeld;
  }

  hold(bytes: number): void {
    this.heldBytes = bytes;
    this.watcher.heldBytesChanged();
  }
}

function session(): { memory: SessionMemory; client: Side; device: Side; starved: jest.Mock } {
  const starved = jest.fn();
  const memory = new SessionMemory(budget, reserve(SESSION_BYTES), { onStarved: starved });
  const [client, device] = [new Side(), new Side()];
  for (const side of [client, device]) memory.watch(side as unknown as WebSocketDuplex);
  return { memory, client, device, starved };
}

describe("a session's memory", () => {
  it('stays at the initial reservation while little is held', () => {
    const { client, device } = session();
    client.hold(60_000);
    device.hold(60_000);
    expect(budget.usedBytes).toBe(SESSION_BYTES);
    expect(client.isHeld).toBe(false);
  });

  it('grows and shrinks with what both sides and the streams between them hold', () => {
    const { memory, client, device } = session();
    const target = { readableLength: 200_000, writableLength: 100_000 } as Duplex;
    memory.watchTargets([target, device as unknown as Duplex]);
    // A stream that reports its own usage is trusted.
    const shell = { readableLength: 1, writableLength: 1, heldBytes: 50_000 };
    memory.watchTargets([shell as unknown as Duplex]);
    device.hold(400_000);
    expect(budget.usedBytes).toBeGreaterThanOrEqual(750_000);
    expect(budget.usedBytes).toBeLessThan(750_000 + 2 * SESSION_BYTES);
    Object.assign(target, { readableLength: 0, writableLength: 0 });
    shell.heldBytes = 0;
    device.heldBytes = 0;
    client.hold(0);
    expect(budget.usedBytes).toBe(SESSION_BYTES);
  });

  it('is awaited while the budget is exhausted: neither side is read', async () => {
    const other = reserve(1.5 * MIB);
    const { client, device, starved } = session();
    client.hold(600_000);
    expect([client.isHeld, device.isHeld]).toEqual([true, true]);
    expect(budget.usedBytes).toBe(1.5 * MIB + SESSION_BYTES);
    other.release();
    await new Promise(setImmediate);
    expect([client.isHeld, device.isHeld]).toEqual([false, false]);
    jest.advanceTimersByTime(60_000);
    expect(starved).not.toHaveBeenCalled();
  });

  it('continues as soon as it holds less itself', () => {
    reserve(1.75 * MIB);
    const { client } = session();
    client.hold(600_000);
    expect(client.isHeld).toBe(true);
    client.hold(10_000);
    expect(client.isHeld).toBe(false);
  });

  it('is awaited in the middle of a message for half a minute', () => {
    reserve(1.5 * MIB);
    const { client, device, starved } = session();
    client.unfinishedBytes = 600_000;
    client.hold(600_000);
    jest.advanceTimersByTime(29_000);
    device.hold(1);
    expect(starved).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1_000);
    expect(starved).toHaveBeenCalledTimes(1);
  });

  it('is reserved for a whole message that has begun, so that it can be completed', () => {
    const [first, second] = [session(), session()];
    for (const { client } of [first, second]) {
      client.unfinishedBytes = 200_000;
      client.hold(200_000);
    }
    expect(second.client.isHeld).toBe(true);
    for (const bytes of [500_000, 900_000, MIB]) {
      first.client.unfinishedBytes = bytes;
      first.client.hold(bytes);
      expect(first.client.isHeld).toBe(false);
    }
  });

  it('is released at the end, and a session that ends is read again', () => {
    const other = reserve(1.5 * MIB);
    const { memory, client } = session();
    client.hold(600_000);
    memory.stop();
    expect(client.isHeld).toBe(false);
    client.hold(900_000);
    memory.release();
    other.release();
    expect(budget.usedBytes).toBe(0);
  });
});
