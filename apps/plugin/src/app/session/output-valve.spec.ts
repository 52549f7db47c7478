import { OutputValve } from './output-valve';

const MIB = 1024 * 1024;

describe('OutputValve', () => {
  it('asks to hold once above a mebibyte and to go once it is nearly drawn', () => {
    const told: string[] = [];
    const valve = new OutputValve(state => told.push(state));
    valve.arrived(MIB);
    expect(told).toEqual([]);
    valve.arrived(1);
    valve.arrived(MIB);
    expect(told).toEqual(['hold']);
    valve.drawn(MIB);
    expect(told).toEqual(['hold']);
    valve.drawn(MIB);
    expect(told).toEqual(['hold', 'go']);
  });

  it('gives up when the other end does not hold', () => {
    const valve = new OutputValve(() => undefined);
    expect(valve.arrived(32 * MIB)).toBe(true);
    expect(valve.arrived(1)).toBe(false);
  });
});
