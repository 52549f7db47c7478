import { OutputTally } from './output-tally';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('OutputTally', () => {
  it('tells that it tells, before anything has come', () => {
    const told: number[] = [];
    new OutputTally(bytes => told.push(bytes)).begin();
    expect(told).toEqual([0]);
  });

  it('tells all that was drawn, each time another 32 KiB were', () => {
    const told: number[] = [];
    const tally = new OutputTally(bytes => told.push(bytes));
    tally.arrived(100 * KIB);
    tally.drawn(32 * KIB - 1);
    expect(told).toEqual([]);
    tally.drawn(1);
    tally.drawn(64 * KIB);
    tally.drawn(4 * KIB);
    expect(told).toEqual([32 * KIB, 96 * KIB]);
  });

  it('never keeps back as much as half of the 256 KiB that the service sends ahead', () => {
    let told = 0;
    const tally = new OutputTally(bytes => (told = bytes));
    for (let drawn = 0; drawn < MIB; drawn += 997) {
      tally.drawn(997);
      expect(drawn + 997 - told).toBeLessThan(128 * KIB);
    }
  });

  it('gives up when the other end does not wait', () => {
    const tally = new OutputTally(() => undefined);
    expect(tally.arrived(32 * MIB)).toBe(true);
    expect(tally.arrived(1)).toBe(false);
  });

  it('goes on for ever where what comes is drawn', () => {
    const tally = new OutputTally(() => undefined);
    for (let mib = 0; mib < 100; mib++) {
      expect(tally.arrived(MIB)).toBe(true);
      tally.drawn(MIB);
    }
  });
});
