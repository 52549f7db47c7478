import { closeReason } from './errors';

const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe('closeReason', () => {
  it('keeps a reason that fits', () => {
    expect(closeReason('a'.repeat(123))).toBe('a'.repeat(123));
  });

  it.each([['a'.repeat(124)], ['€'.repeat(60)], ['😀'.repeat(40)], ['ab😀'.repeat(30)]])(
    'truncates %.12s… at a character boundary to fit a close frame',
    text => {
      const cut = closeReason(text);
      expect(bytes(cut)).toBeLessThanOrEqual(123);
      expect(bytes(cut)).toBeGreaterThan(116);
      expect(cut.endsWith('…')).toBe(true);
      expect(text.startsWith(cut.slice(0, -1))).toBe(true);
      expect(cut).not.toMatch(/\uFFFD/);
    },
  );
});
