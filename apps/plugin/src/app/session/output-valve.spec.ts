import { OutputValve } from './output-valve';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('OutputValve', () => {
  it('asks to hold once when too much waits and to go once it is nearly drawn', () => {
    const told: string[] = [];
    const valve = new OutputValve(state => told.push(state));
    valve.arrived(256 * KIB);
    expect(told).toEqual([]);
    valve.arrived(1);
    valve.arrived(256 * KIB);
    expect(told).toEqual(['hold']);
    valve.drawn(256 * KIB);
    expect(told).toEqual(['hold']);
    valve.drawn(256 * KIB);
    expect(told).toEqual(['hold', 'go']);
  });

  it('gives up when the other end does not hold', () => {
    const valve = new OutputValve(() => undefined);
    expect(valve.arrived(32 * MIB)).toBe(true);
    expect(valve.arrived(1)).toBe(false);
  });
});
