import type { Endpoint } from '@remote-access/contracts';
import { addressOf, windowTitle } from './session-target';

const endpoint = (change: object = {}): Endpoint =>
  ({
    name: 'Welding robot',
    hostname: '10.0.0.7',
    port: 22,
    credentials: { username: 'welder' },
    ...change,
  }) as unknown as Endpoint;

describe('the names of a session', () => {
  it('are the user, the host and the port', () => {
    expect(addressOf(endpoint())).toBe('welder@10.0.0.7:22');
    expect(addressOf(endpoint({ credentials: { username: null } }))).toBe('10.0.0.7:22');
    expect(addressOf(endpoint({ hostname: 'fe80::1' }))).toBe('welder@[fe80::1]:22');
  });

  it('tell two machines apart in the title of the window', () => {
    expect(windowTitle(endpoint(), 'Hall 3')).toBe('Welding robot – welder@10.0.0.7:22 – Hall 3');
    expect(windowTitle(endpoint(), '')).toBe('Welding robot – welder@10.0.0.7:22');
  });

  it('cannot be reordered or hidden by their texts (security)', () => {
    const title = windowTitle(endpoint({ name: '\u202etobor\u0000' }), 'Hall\u2066 3');
    expect(title).toBe('tobor – welder@10.0.0.7:22 – Hall 3');
    expect(windowTitle(endpoint({ name: 'x'.repeat(1000) }), 'Hall 3').length).toBeLessThan(300);
  });
});
