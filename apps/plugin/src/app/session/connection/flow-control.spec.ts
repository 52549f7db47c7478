import { FlowControl } from './flow-control';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('FlowControl', () => {
  it('acknowledges 0 bytes before any output arrives', () => {
    const told: number[] = [];
    new FlowControl(bytes => told.push(bytes)).report();
    expect(told).toEqual([0]);
  });

  it('acknowledges the total rendered after every 32 KiB', () => {
    const told: number[] = [];
    const flow = new FlowControl(bytes => told.push(bytes));
    flow.received(100 * KIB);
    flow.hasDrawn(32 * KIB - 1);
    expect(told).toEqual([]);
    flow.hasDrawn(1);
    flow.hasDrawn(64 * KIB);
    flow.hasDrawn(4 * KIB);
    expect(told).toEqual([32 * KIB, 96 * KIB]);
  });

  it("never leaves half of the service's 256 KiB window unacknowledged", () => {
    let told = 0;
    const flow = new FlowControl(bytes => (told = bytes));
    for (let drawn = 0; drawn < MIB; drawn += 997) {
      flow.hasDrawn(997);
      expect(drawn + 997 - told).toBeLessThan(128 * KIB);
    }
  });

  it('gives up if the service ignores the window', () => {
    const flow = new FlowControl(() => undefined);
    expect(flow.received(32 * MIB)).toBe(true);
    expect(flow.received(1)).toBe(false);
  });

  it('continues indefinitely while output is rendered as it arrives', () => {
    const flow = new FlowControl(() => undefined);
    for (let mib = 0; mib < 100; mib++) {
      expect(flow.received(MIB)).toBe(true);
      flow.hasDrawn(MIB);
    }
  });
});
