import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type RFB from '@novnc/novnc';
import {
  makeCanvasFocusable,
  RfbChannel,
  skipUnadvertised,
  watchFramebuffer,
} from './novnc-adapter';

const NOVNC = join(__dirname, '../../../node_modules/@novnc/novnc');

class Viewer {
  sizes: string[] = [];
  complete = false;
  _framebufferUpdate(): boolean {
    return this.complete;
  }
  _resize(width: number, height: number): void {
    this.sizes.push(`${width}x${height}`);
  }
}

describe('the internals of noVNC', () => {
  it('match the pinned version: check every member before upgrading', () => {
    const { version } = JSON.parse(readFileSync(join(NOVNC, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(version).toBe('1.7.0');
    const source = readFileSync(join(NOVNC, 'core/rfb.js'), 'utf8');
    expect(source).toContain('    _framebufferUpdate() {');
    expect(source).toContain('    _resize(width, height) {');
    expect(source).toContain('                return this._handleDataRect();');
    expect(source).toContain('        let decoder = this._decoders[this._FBU.encoding];');
    expect(source).toContain('this._keyboard = new Keyboard(this._canvas);');
    const keyboard = readFileSync(join(NOVNC, 'core/input/keyboard.js'), 'utf8');
    expect(keyboard).toContain('    _allKeysUp() {');
  });

  it('report complete framebuffer updates', () => {
    const viewer = new Viewer();
    let drawn = 0;
    watchFramebuffer(viewer as unknown as RFB, () => (drawn += 1));
    expect(viewer._framebufferUpdate()).toBe(false);
    viewer.complete = true;
    expect(viewer._framebufferUpdate()).toBe(true);
    expect(drawn).toBe(1);
  });

  it.each([
    [65_535, 65_535],
    [16_385, 1],
    [16_384, 16_384],
  ])('reject a screen of %i by %i (security)', (width, height) => {
    const viewer = new Viewer();
    watchFramebuffer(viewer as unknown as RFB, () => undefined);
    expect(() => viewer._resize(width, height)).toThrow('too large to show');
    expect(viewer.sizes).toEqual([]);
    viewer._resize(7680, 4320);
    expect(viewer.sizes).toEqual(['7680x4320']);
  });
});

describe('a rectangle in an encoding that was not requested', () => {
  function received(encoding: number, bytes: number, [width, height] = [16, 2]) {
    const seen = { skipped: 0, decoded: 0 };
    const rfb = {
      _FBU: { encoding, width, height },
      _decoders: { 0: {} },
      _sock: {
        rQwait: (_message: string, wanted: number) => bytes < wanted,
        rQskipBytes: (count: number) => (seen.skipped += count),
      },
      _handleDataRect: () => {
        seen.decoded += 1;
        return true;
      },
    };
    skipUnadvertised(rfb as unknown as RFB);
    return { rfb, seen };
  }

  it.each([
    ['the kind of pointer (QEMU)', -257, 0],
    ['the position of the pointer', -232, 0],
    ['the lamps of the keyboard', -261, 1],
    ['an X cursor', -240, 14],
  ])('is skipped: %s', (_name, encoding, length) => {
    const { rfb, seen } = received(encoding, length);
    expect(rfb._handleDataRect()).toBe(true);
    expect(seen).toEqual({ skipped: length, decoded: 0 });
  });

  it('is awaited until it is complete', () => {
    const { rfb, seen } = received(-240, 13);
    expect(rfb._handleDataRect()).toBe(false);
    expect(seen.skipped).toBe(0);
  });

  it('ends the session with the reason if its length is unknown', () => {
    expect(() => received(-9999, 0).rfb._handleDataRect()).toThrow(
      'the server used the encoding -9999, which was not requested',
    );
  });

  it('is decoded if noVNC can', () => {
    const { rfb, seen } = received(0, 100);
    expect(rfb._handleDataRect()).toBe(true);
    expect(seen.decoded).toBe(1);
  });
});

describe('RfbChannel', () => {
  it('delivers only the bytes of a view, not its whole buffer', () => {
    const channel = new RfbChannel(() => undefined);
    const seen: number[][] = [];
    channel.onmessage = ({ data }) => seen.push([...new Uint8Array(data)]);
    channel.receive(new Uint8Array([9, 1, 2, 9]).subarray(1, 3));
    channel.receive(new Uint8Array([3]));
    expect(seen).toEqual([[1, 2], [3]]);
  });

  it('sends a copy of the queue', () => {
    const sent: Uint8Array[] = [];
    const channel = new RfbChannel(bytes => sent.push(bytes));
    const queue = new Uint8Array([1, 2, 3]);
    channel.send(queue.subarray(0, 2));
    queue.fill(0);
    expect(sent).toEqual([new Uint8Array([1, 2])]);
  });

  it('closes once and asynchronously, like a WebSocket, and sends nothing afterwards', async () => {
    const sent: Uint8Array[] = [];
    const channel = new RfbChannel(bytes => sent.push(bytes));
    let closes = 0;
    channel.onclose = () => (closes += 1);
    channel.close();
    channel.close();
    expect(closes).toBe(0);
    await new Promise(resolve => setTimeout(resolve));
    channel.send(new Uint8Array([1]));
    expect(closes).toBe(1);
    expect(sent).toEqual([]);
  });
});

describe('makeCanvasFocusable', () => {
  let canvas: HTMLCanvasElement;
  let leaveRequested: jest.Mock;
  let blurred: jest.Mock;
  let heard: string[];

  beforeEach(() => {
    canvas = document.createElement('canvas');
    document.body.append(canvas);
    heard = [];
    canvas.addEventListener('keydown', ({ key }) => heard.push(key));
    [leaveRequested, blurred] = [jest.fn(), jest.fn()];
    makeCanvasFocusable(canvas, { label: 'Screen', leaveRequested, blurred });
  });
  afterEach(() => canvas.remove());

  function press(key: string, modifiers: KeyboardEventInit = {}): KeyboardEvent {
    const event = new KeyboardEvent('keydown', { key, cancelable: true, ...modifiers });
    canvas.dispatchEvent(event);
    return event;
  }

  it('makes the canvas reachable by Tab, with a label', () => {
    expect(canvas.tabIndex).toBe(0);
    expect(canvas.getAttribute('aria-label')).toBe('Screen');
  });

  it('leaves with Ctrl+Shift+F6, which the machine does not receive', () => {
    const event = press('F6', { ctrlKey: true, shiftKey: true });
    expect(event.defaultPrevented).toBe(true);
    expect(leaveRequested).toHaveBeenCalledTimes(1);
    expect(heard).toEqual([]);
  });

  it('passes all other keys to the machine', () => {
    press('Tab');
    press('F6');
    press('F6', { ctrlKey: true });
    press('f', { ctrlKey: true, shiftKey: true });
    expect(leaveRequested).not.toHaveBeenCalled();
    expect(heard).toEqual(['Tab', 'F6', 'F6', 'f']);
  });

  it('reports when the canvas loses the focus', () => {
    canvas.focus();
    expect(blurred).not.toHaveBeenCalled();
    canvas.blur();
    expect(blurred).toHaveBeenCalledTimes(1);
  });
});
