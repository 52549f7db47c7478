import { redact } from './redaction';

describe('redaction', () => {
  it.each([
    ['Authorization: Basic dDEvdTpw', 'Authorization: Basic ******'],
    ['bearer eyJ.eyJ.sig-_', 'bearer ******'],
    ['GET /client/1?a=1&token=abc%3D&b=2', 'GET /client/1?a=1&token=******&b=2'],
    ['/client/1?ticket=abc', '/client/1?ticket=******'],
    ['?XSRF-TOKEN=abc', '?XSRF-TOKEN=******'],
    ['cookie authorization=abc; x', 'cookie authorization=******; x'],
    ['/device/0d1c6f1e-0000-4000-8000-000000000000', '/device/******'],
    ['stored {cipher}v1.abc.DEF-_', 'stored {cipher}******'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----', '******'],
    ['nothing to hide', 'nothing to hide'],
  ])('%j becomes %j', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it('handles long texts in linear time', () => {
    const startedAt = performance.now();
    redact('-----BEGIN PRIVATE KEY-----'.repeat(4_000) + '?token='.repeat(4_000));
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});
