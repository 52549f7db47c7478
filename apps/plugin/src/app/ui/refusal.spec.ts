import { Refusal } from './refusal';

describe('Refusal', () => {
  it('shows the message of the remote access service', () => {
    const refusal = Refusal.of(422, {
      error: 'remoteaccess/invalid-endpoint',
      message: 'Protocol "VNC" does not support "KEY_PAIR" credentials type',
    });
    expect(refusal.code).toBe('invalid-endpoint');
    expect(refusal.message.text).toMatch(/does not support/);
    expect(refusal.retry).toBe(false);
  });

  it('falls back to the catalogue if the service sends no message', () => {
    const refusal = Refusal.of(504, { error: 'remoteaccess/gateway-timeout' });
    expect(refusal.message.text).toMatch(/did not answer in time/);
    expect(refusal.retry).toBe(true);
  });

  it.each([
    [0, /reached/, /connection/],
    [401, /signed out/, /Sign in/],
    [403, /permission/, /administrator/],
    [404, /not available/, /subscribe/],
    [503, /not responding/, /minute/],
  ])('explains status %p of the platform and says what to do', (status, message, advice) => {
    const refusal = Refusal.of(status, { error: 'general/x', message: 'raw' });
    expect(refusal.code).toBeUndefined();
    expect(refusal.message.text).toMatch(message);
    expect(refusal.advice?.text).toMatch(advice);
  });

  it('accepts a body that is not a JSON object', () => {
    expect(Refusal.of(500, '<html>').message.values).toEqual({ status: '500', message: '' });
  });
});
