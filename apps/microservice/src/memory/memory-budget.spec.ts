import { isRefusal, type Refusal } from '@remote-access/contracts';
import { MemoryBudget, memoryLimits, type Reservation } from './memory-budget';

const MIB = 1024 * 1024;
const ANA = { tenant: 't1', userName: 'ana' };
const BEN = { tenant: 't1', userName: 'ben' };
const EVE = { tenant: 't2', userName: 'ana' };

let budget: MemoryBudget;
beforeEach(() => {
  budget = new MemoryBudget({ processBytes: 8 * MIB, tenantBytes: 6 * MIB, userBytes: 4 * MIB });
});

function granted(result: Reservation | Refusal): Reservation {
  if (isRefusal(result)) throw result;
  return result;
}

const messageOf = (result: unknown): string => (result as Error).message;

describe('the memory budget', () => {
  it('refuses a user, a tenant and everybody beyond their limits, and names them', () => {
    granted(budget.reserve(ANA, 4 * MIB));
    expect(messageOf(budget.reserve(ANA, 1))).toContain('a user is in use: its limit is 4 MiB');
    granted(budget.reserve(BEN, 2 * MIB));
    expect(messageOf(budget.reserve(BEN, 1))).toContain('a tenant is in use: its limit is 6 MiB');
    granted(budget.reserve(EVE, 2 * MIB));
    expect(budget.reserve(EVE, 1)).toMatchObject({
      code: 'too-many-requests',
      message: expect.stringContaining('the service is in use: its limit is 8 MiB'),
    });
    expect(budget.usedBytes).toBe(8 * MIB);
  });

  it('takes back what was released, once', () => {
    const reservation = granted(budget.reserve(ANA, 3 * MIB));
    reservation.release();
    reservation.release();
    expect(budget.usedBytes).toBe(0);
    granted(budget.reserve(ANA, 4 * MIB));
  });

  it('keeps a reservation as it was if it cannot grow', () => {
    const reservation = granted(budget.reserve(ANA, 3 * MIB));
    expect(reservation.resize(5 * MIB)).toMatchObject({ code: 'too-many-requests' });
    expect([reservation.bytes, budget.usedBytes]).toEqual([3 * MIB, 3 * MIB]);
    expect(reservation.resize(4 * MIB)).toBeUndefined();
    expect(reservation.resize(MIB)).toBeUndefined();
    expect([reservation.bytes, budget.usedBytes]).toEqual([MIB, MIB]);
  });

  it('tells those who wait that memory is free, in order', async () => {
    const reservation = granted(budget.reserve(ANA, 3 * MIB));
    const told: number[] = [];
    const stop = [1, 2, 3].map(name => budget.whenFreed(() => told.push(name)));
    stop[1]!();
    reservation.resize(2 * MIB);
    reservation.release();
    await new Promise(setImmediate);
    expect(told).toEqual([1, 3]);
  });

  it('is half of what the process may use, of which a tenant gets half and a user a quarter', () => {
    expect(memoryLimits(512 * MIB, false)).toEqual({
      processBytes: 256 * MIB,
      tenantBytes: 128 * MIB,
      userBytes: 64 * MIB,
    });
    expect(memoryLimits(512 * MIB, true).tenantBytes).toBe(256 * MIB);
  });
});
