import { ERRORS, isErrorCode } from './error-catalogue';
import { RemoteAccessError } from './errors';
import { HINTS } from './hints';

describe('the error catalogue', () => {
  it.each(Object.entries(ERRORS))('%s tells users and operators what to do', (_code, entry) => {
    expect(entry.closeCode).toBe(4000 + entry.httpStatus);
    expect(entry.text).toMatch(/^[A-Z].*\.$/);
    expect(entry.hint.length).toBeGreaterThan(10);
  });

  it('names no HTTP route and no signal, because pages show it to users', () => {
    const texts = Object.values(ERRORS).flatMap(({ text, hint }) => [text, hint]);
    const routes = /\b(?:GET|HEAD|POST|PUT|PATCH|DELETE)\b|\/\{|\bSIG[A-Z]+\b/;
    expect([...texts, ...Object.values(HINTS)].filter(text => routes.test(text))).toEqual([]);
  });

  it('shows the detail instead of the general text', () => {
    const error = new RemoteAccessError('gateway-refused', {
      detail: 'connection refused by 10.0.0.5:22',
    });
    expect(error.message).toBe('connection refused by 10.0.0.5:22');
    expect(error.entry.closeCode).toBe(4502);
    expect(new RemoteAccessError('forbidden').message).toBe(ERRORS.forbidden.text);
  });

  it('knows its codes and nothing else', () => {
    expect(isErrorCode('gateway-timeout')).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
  });
});
