import { inspect } from 'node:util';
import { readSettingsFrom, Secret, SettingsError } from './index';

describe('readSettingsFrom', () => {
  it('returns frozen settings, with fallbacks for empty and absent texts', () => {
    const settings = readSettingsFrom({ PORT: '', LEVEL: 'WARN', NAMES: ' a,, b ' }, reader => ({
      port: reader.port('PORT', 80),
      seconds: reader.seconds('SECONDS', 10),
      level: reader.oneOf('LEVEL', ['info', 'warn'], 'info'),
      names: reader.list('NAMES'),
      none: reader.list('NONE'),
      token: reader.optional('TOKEN'),
    }));
    expect(settings).toEqual({
      port: 80,
      seconds: 10,
      level: 'warn',
      names: ['a', 'b'],
      none: [],
      token: undefined,
    });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it.each([
    ['port', ['-1', '65536', '1e3', 'x', ' 80'], 'NAME is not a port number'],
    ['count', ['0', '100000', '-1', 'x'], 'NAME is not a number from 1 to 99999'],
    ['seconds', ['0', '100000', '1.5'], 'NAME is not a number of seconds from 1 to 99999'],
    ['url', ['ftp://x', 'localhost:1', '//x'], 'NAME is not an http or https URL'],
  ] as const)('reports a bad %s', (kind, texts, problem) => {
    for (const text of texts) {
      const read = () =>
        readSettingsFrom({ NAME: text }, reader => ({ it: reader[kind]('NAME', 1) }));
      expect(read).toThrow(new SettingsError([problem]));
    }
  });

  it('reports every problem at once', () => {
    const read = () =>
      readSettingsFrom({ B: 'x' }, reader => ({ a: reader.text('A'), b: reader.port('B', 1) }));
    expect(read).toThrow('Cannot start:\n- A is not set\n- B is not a port number');
  });
});

describe('Secret', () => {
  it('prints as blanks (security)', () => {
    const secret = new Secret('hunter2');
    const shown =
      inspect({ secret }, { showHidden: true }) + JSON.stringify({ secret }) + String(secret);
    expect(shown).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});
