import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type RFB from '@novnc/novnc';
import { RemoteSize } from './remote-size';

const NOVNC = join(__dirname, '../../../node_modules/@novnc/novnc');

const SERVER = 0;
const US = 1;
const ANOTHER_CLIENT = 2;

/** One monitor that covers the whole screen. */
function monitors(width: number, height: number): number[] {
  const size = [width >> 8, width & 255, height >> 8, height & 255];
  return [1, 0, 0, 0, ...[0, 0, 0, 7], ...[0, 0, 0, 0], ...size, ...[0, 0, 0, 9]];
}

/** The parts of noVNC that deal with the size of the screen. */
class Viewer {
  resizeSession = true;
  _pendingRemoteResize = false;
  _FBU = { x: 0, y: 0, width: 0, height: 0 };
  queue: Uint8Array<ArrayBuffer> = new Uint8Array();
  readonly _sock = {
    rQwait: (_message: string, bytes: number) => this.queue.length < bytes,
    rQpeek8: () => this.queue[0]!,
    rQpeekBytes: (bytes: number) => this.queue.slice(0, bytes),
  };
  _handleExtendedDesktopSize(): boolean {
    const isComplete = this.queue.length >= 4 + 16 * (this.queue[0] ?? 1);
    if (isComplete) this.queue = new Uint8Array();
    return isComplete;
  }
}

describe('the size of the remote screen', () => {
  let viewer: Viewer;
  let sent: Uint8Array[];
  let size: RemoteSize;

  beforeEach(() => {
    [viewer, sent] = [new Viewer(), []];
    size = new RemoteSize(viewer as unknown as RFB, bytes => sent.push(bytes));
  });

  function receive(
    width: number,
    height: number,
    { reason = SERVER, status = 0, layout = monitors(width, height) } = {},
  ): void {
    viewer._FBU = { x: reason, y: status, width, height };
    viewer.queue = new Uint8Array(layout.slice(0, 10));
    expect(viewer._handleExtendedDesktopSize()).toBe(false);
    viewer.queue = new Uint8Array(layout);
    expect(viewer._handleExtendedDesktopSize()).toBe(true);
  }

  const requested = (): string[] =>
    sent.map(bytes => {
      const view = new DataView(bytes.buffer);
      return `${view.getUint16(2)}x${view.getUint16(4)}`;
    });

  it('is restored as it was before the first change, including its monitors', () => {
    const two = [...monitors(1024, 768), ...monitors(256, 768).slice(4)];
    two[0] = 2;
    receive(1280, 768, { layout: two });
    receive(900, 500, { reason: US });
    receive(800, 500, { reason: US });
    size.restore();
    expect([...sent[0]!]).toEqual([251, 0, 5, 0, 3, 0, 2, 0, ...two.slice(4)]);
  });

  it('is requested once', () => {
    receive(800, 600);
    receive(900, 500, { reason: US });
    size.restore();
    size.restore();
    receive(800, 600, { reason: US });
    size.restore();
    expect(requested()).toEqual(['800x600']);
  });

  it('is left alone if it was not changed', () => {
    receive(800, 600);
    size.restore();
    expect(sent).toEqual([]);
  });

  it('is left alone if the change was refused', () => {
    receive(800, 600);
    receive(800, 600, { reason: US, status: 1 });
    size.restore();
    expect(sent).toEqual([]);
  });

  it.each([
    ['the machine itself', SERVER],
    ['another client', ANOTHER_CLIENT],
  ])('is left alone if %s has changed it since', (_who, reason) => {
    receive(800, 600);
    receive(900, 500, { reason: US });
    receive(1024, 768, { reason });
    size.restore();
    expect(sent).toEqual([]);
    receive(700, 500, { reason: US });
    size.restore();
    expect(requested()).toEqual(['1024x768']);
  });

  it('is restored although the server also announces each change as its own', () => {
    receive(800, 600);
    viewer._pendingRemoteResize = true;
    receive(900, 500);
    viewer._pendingRemoteResize = false;
    receive(900, 500, { reason: US });
    receive(900, 500);
    size.restore();
    receive(800, 600);
    receive(800, 600, { reason: US });
    size.restore();
    expect(requested()).toEqual(['800x600']);
  });

  it('is restored when a change is confirmed after the user chose another mode', () => {
    receive(800, 600);
    viewer.resizeSession = false;
    size.restore();
    expect(sent).toEqual([]);
    receive(900, 500, { reason: US });
    expect(requested()).toEqual(['800x600']);
  });

  it('is not requested again if the server sets a different one', () => {
    receive(800, 600);
    receive(900, 500, { reason: US });
    viewer.resizeSession = false;
    size.restore();
    receive(640, 480, { reason: US });
    expect(requested()).toEqual(['800x600']);
  });

  it('can be changed again after it was restored', () => {
    receive(800, 600);
    receive(900, 500, { reason: US });
    size.restore();
    receive(800, 600, { reason: US });
    receive(950, 550, { reason: US });
    size.restore();
    expect(requested()).toEqual(['800x600', '800x600']);
  });

  it('is described by members of the pinned version of noVNC', () => {
    const source = readFileSync(join(NOVNC, 'core/rfb.js'), 'utf8');
    expect(source).toContain('return this._handleExtendedDesktopSize();');
    expect(source).toContain('if (this._FBU.x === 1 && this._FBU.y !== 0) {');
    expect(source).toContain('this._pendingRemoteResize = true;');
    const socket = readFileSync(join(NOVNC, 'core/websock.js'), 'utf8');
    expect(socket).toContain('    rQpeekBytes(len, copy=true) {');
  });
});
