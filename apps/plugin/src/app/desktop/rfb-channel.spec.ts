import { RfbChannel } from './rfb-channel';

describe('the channel between a session and noVNC', () => {
  it('hands on the bytes of a part of a buffer, and no others', () => {
    const channel = new RfbChannel(() => undefined);
    const seen: number[][] = [];
    channel.onmessage = ({ data }) => seen.push([...new Uint8Array(data)]);
    channel.receive(new Uint8Array([9, 1, 2, 9]).subarray(1, 3));
    channel.receive(new Uint8Array([3]));
    expect(seen).toEqual([[1, 2], [3]]);
  });

  it('sends what was in the queue at that time', () => {
    const sent: Uint8Array[] = [];
    const channel = new RfbChannel(bytes => sent.push(bytes));
    const queue = new Uint8Array([1, 2, 3]);
    channel.send(queue.subarray(0, 2));
    queue.fill(0);
    expect(sent).toEqual([new Uint8Array([1, 2])]);
  });

  it('closes once, a little later as a WebSocket does, and sends nothing afterwards', async () => {
    const sent: Uint8Array[] = [];
    const channel = new RfbChannel(bytes => sent.push(bytes));
    let closes = 0;
    channel.onclose = () => (closes += 1);
    channel.close();
    channel.close();
    expect(closes).toBe(0);
    await Promise.resolve();
    channel.send(new Uint8Array([1]));
    expect(closes).toBe(1);
    expect(sent).toEqual([]);
  });
});
