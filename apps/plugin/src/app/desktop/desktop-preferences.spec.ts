import { DEFAULT_PREFERENCES, storePreferences, readPreferences } from './desktop-preferences';

const holding = (text: string | null) => ({ getItem: () => text });

describe('desktop preferences', () => {
  it('are stored and read', () => {
    const kept = {
      ...DEFAULT_PREFERENCES,
      scaling: 'actual',
      quality: 2,
      dotCursor: true,
    } as const;
    let text = '';
    storePreferences({ setItem: (_, value) => (text = value) }, kept);
    expect(readPreferences(holding(text))).toEqual(kept);
  });

  it.each([null, '', '[]', 'null', '7', '{"scaling":"huge","quality":99,"clipboardIn":"no"}'])(
    'are the defaults if %s is stored',
    text => expect(readPreferences(holding(text))).toEqual(DEFAULT_PREFERENCES),
  );

  it('receive no text from the remote machine until the user enables that (security)', () => {
    expect(readPreferences(holding(null)).clipboardIn).toBe(false);
    expect(readPreferences(holding('{"clipboardIn":true}')).clipboardIn).toBe(true);
  });

  it('are the defaults if the browser stores nothing', () => {
    const refuses = () => {
      throw new Error('denied');
    };
    expect(readPreferences({ getItem: refuses })).toEqual(DEFAULT_PREFERENCES);
    expect(() => storePreferences({ setItem: refuses }, DEFAULT_PREFERENCES)).not.toThrow();
  });
});
