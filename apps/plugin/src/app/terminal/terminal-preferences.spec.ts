import {
  boundedFontSize,
  defaultPreferences,
  storePreferences,
  readPreferences,
} from './terminal-preferences';

const PC = { isMac: false, hasTouch: false };
const USUAL = defaultPreferences(PC);

function store(text: string | null = null) {
  let kept = text;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
}

describe('terminal preferences', () => {
  it('are stored and read', () => {
    const kept = store();
    const chosen = { ...USUAL, theme: 'contrast', fontSizePx: 20, copyOnSelect: true } as const;
    storePreferences(kept, chosen);
    expect(readPreferences(kept, PC)).toEqual(chosen);
  });

  it.each([null, '', '{', 'null', '7', '[]', '{"theme":"pink","fontSizePx":"9","keyBar":1}'])(
    'are the defaults if %j is stored',
    text => {
      expect(readPreferences(store(text), PC)).toEqual(USUAL);
    },
  );

  it('are the defaults if the browser stores nothing', () => {
    const refuse = (): never => {
      throw new DOMException('no', 'SecurityError');
    };
    expect(readPreferences({ getItem: refuse }, PC)).toEqual(USUAL);
    expect(() => storePreferences({ setItem: refuse }, USUAL)).not.toThrow();
  });

  it('leave Option for typing characters on a Mac, and show the key bar on touch screens', () => {
    expect(defaultPreferences({ isMac: true, hasTouch: false }).altIsMeta).toBe(false);
    expect(defaultPreferences({ isMac: false, hasTouch: true }).keyBar).toBe(true);
    expect([USUAL.altIsMeta, USUAL.keyBar]).toEqual([true, false]);
  });

  it.each([
    [3, 8],
    [99, 32],
    [14.4, 14],
    [NaN, 14],
    [Infinity, 14],
  ])('keep the font size legible: %p becomes %p', (px, bounded) => {
    expect(boundedFontSize(px)).toBe(bounded);
  });
});
