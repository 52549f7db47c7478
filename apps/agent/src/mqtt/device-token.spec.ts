import { DeviceToken } from './device-token';
import type { MqttConnection } from './mqtt-link';

const DAY_SECONDS = 86_400;

/** A token with a lifetime, as the platform issues it. */
function tokenFor(lifetimeSeconds: number): string {
  const claims = { iat: 1_000_000, exp: 1_000_000 + lifetimeSeconds };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

describe('the next token', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  async function requestsAfter(lifetimeSeconds: number, waitedMs: number): Promise<number> {
    let requests = 0;
    const connection = {
      subscribe: () => Promise.resolve(),
      publish: () => {
        requests += 1;
        return Promise.resolve();
      },
    } as unknown as MqttConnection;
    const token = new DeviceToken();
    await token.start(connection);
    token.receive(`71,${tokenFor(lifetimeSeconds)}`);
    jest.advanceTimersByTime(waitedMs);
    token.stop();
    return requests - 1;
  }

  it('is requested after a quarter of the lifetime', async () => {
    expect(await requestsAfter(3_600, 899_999)).toBe(0);
    expect(await requestsAfter(3_600, 900_000)).toBe(1);
  });

  it.each([
    ['a year, longer than a timer can wait', 365 * DAY_SECONDS],
    ['a millisecond', 0.001],
  ])('is not requested in a storm if the lifetime is %s', async (_what, lifetimeSeconds) => {
    expect(await requestsAfter(lifetimeSeconds, 999)).toBe(0);
  });
});
