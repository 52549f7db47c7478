import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type RFB from '@novnc/novnc';
import { watchPictures } from './novnc-internals';

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

describe('what is taken from inside of noVNC', () => {
  it('belongs to the version that is here: look at every member before you raise it', () => {
    const { version } = JSON.parse(readFileSync(join(NOVNC, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(version).toBe('1.7.0');
    const source = readFileSync(join(NOVNC, 'core/rfb.js'), 'utf8');
    expect(source).toContain('    _framebufferUpdate() {');
    expect(source).toContain('    _resize(width, height) {');
    expect(source).toContain('this._keyboard = new Keyboard(this._canvas);');
    const keyboard = readFileSync(join(NOVNC, 'core/input/keyboard.js'), 'utf8');
    expect(keyboard).toContain('    _allKeysUp() {');
  });

  it('tells of updates that are complete', () => {
    const viewer = new Viewer();
    let drawn = 0;
    watchPictures(viewer as unknown as RFB, { drawn: () => (drawn += 1) });
    expect(viewer._framebufferUpdate()).toBe(false);
    viewer.complete = true;
    expect(viewer._framebufferUpdate()).toBe(true);
    expect(drawn).toBe(1);
  });

  it.each([
    [65_535, 65_535],
    [16_385, 1],
    [16_384, 16_384],
  ])('shows no screen of %i by %i (security)', (width, height) => {
    const viewer = new Viewer();
    watchPictures(viewer as unknown as RFB, { drawn: () => undefined });
    expect(() => viewer._resize(width, height)).toThrow('too large to show');
    expect(viewer.sizes).toEqual([]);
    viewer._resize(7680, 4320);
    expect(viewer.sizes).toEqual(['7680x4320']);
  });
});
