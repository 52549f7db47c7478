import { Writable } from 'node:stream';
import { PacedControls } from './paced-controls';

/** So many are sent at once. */
const BURST = 8;

describe('paced controls', () => {
  let release: (() => void)[];
  let connection: Writable;
  let isHeld: boolean;
  let sent: string[];
  let send: (text: string) => void;
  let controls: PacedControls<number>;

  beforeEach(() => {
    release = [];
    connection = new Writable({
      highWaterMark: 100,
      write: (_chunk, _encoding, done) => void release.push(done),
    });
    isHeld = false;
    sent = [];
    send = text => {
      sent.push(text);
      connection.write(text.padEnd(20));
    };
    controls = new PacedControls(connection, {
      resize: size => send(`size ${size}`),
      isHeld: () => isHeld,
      periodMs: 0,
    });
  });

  async function drain(): Promise<void> {
    while (connection.writableLength > 0) {
      for (const done of release.splice(0)) done();
      await new Promise(setImmediate);
    }
  }

  it('are sent immediately to a peer that reads', () => {
    controls.resize(80);
    controls.signal(() => send('break'));
    expect(sent).toEqual(['size 80', 'break']);
  });

  it('security: of a flood of sizes for a peer that does not read only the latest is sent', async () => {
    for (let size = 1; size <= 10_000; size += 1) controls.resize(size);
    expect(connection.writableLength).toBe(100);
    await drain();
    expect(sent.slice(4)).toEqual(['size 5', 'size 10000']);
    expect(connection.listenerCount('drain')).toBe(0);
  });

  it('security: of a flood of breaks for a peer that does not read only a few are sent', async () => {
    for (let i = 0; i < 10_000; i += 1) controls.signal(() => send('break'));
    expect(connection.writableLength).toBe(100);
    await drain();
    expect(sent).toHaveLength(5 + 3);
  });

  it('wait while the protocol holds them', () => {
    isHeld = true;
    controls.resize(1);
    controls.resize(2);
    controls.signal(() => send('break'));
    expect(sent).toEqual([]);
    isHeld = false;
    controls.flush();
    expect(sent).toEqual(['size 2', 'break']);
  });

  describe('towards a peer that reads (security)', () => {
    const PERIOD_MS = 20;
    beforeEach(() => {
      connection = new Writable({ write: (_chunk, _encoding, done) => done() });
      controls = new PacedControls(connection, {
        resize: size => send(`size ${size}`),
        periodMs: PERIOD_MS,
      });
    });
    afterEach(() => controls.stop());

    it('are sent before what is typed after them, as long as there are not many', () => {
      for (let size = 1; size <= BURST; size += 1) {
        controls.resize(size);
        send(`typed ${size}`);
      }
      expect(sent).toEqual(
        Array.from({ length: BURST }, (_, at) => [`size ${at + 1}`, `typed ${at + 1}`]).flat(),
      );
    });

    it('are the first and the latest of many sizes, and a few of many breaks', async () => {
      const startedAt = performance.now();
      for (let size = 1; size <= 1_000; size += 1) {
        controls.resize(size);
        controls.signal(() => send('break'));
      }
      const passedMs = performance.now() - startedAt;
      while (controls.isWaiting) await new Promise(resolve => setTimeout(resolve, 1));
      const breaks = sent.filter(text => text === 'break').length;
      expect(breaks).toBeLessThanOrEqual(BURST + 3 + passedMs / PERIOD_MS);
      expect(sent.length - breaks).toBeLessThanOrEqual(BURST + 1 + passedMs / PERIOD_MS);
      expect(sent[0]).toBe('size 1');
      expect(sent).toContain('size 1000');
    });

    it('are not sent after the end', async () => {
      for (let size = 1; size <= 1_000; size += 1) controls.resize(size);
      controls.stop();
      const before = [...sent];
      // Only time can tell that nothing is sent.
      await new Promise(resolve => setTimeout(resolve, 2 * PERIOD_MS));
      expect(sent).toEqual(before);
      expect(sent).not.toContain('size 1000');
    });
  });
});
