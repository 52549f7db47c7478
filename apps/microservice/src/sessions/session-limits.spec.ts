import { startIdleWatch } from './session-limits';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('reports a count that has not changed for the whole time', () => {
  const idle = jest.fn();
  const stop = startIdleWatch(() => 5, 1_000, idle);
  jest.advanceTimersByTime(999);
  expect(idle).not.toHaveBeenCalled();
  jest.advanceTimersByTime(100);
  expect(idle).toHaveBeenCalled();
  stop();
});

it('starts over with each byte', () => {
  const idle = jest.fn();
  let bytes = 0;
  const stop = startIdleWatch(() => bytes, 1_000, idle);
  for (let count = 0; count < 20; count += 1) {
    jest.advanceTimersByTime(900);
    bytes += 1;
  }
  expect(idle).not.toHaveBeenCalled();
  stop();
});

it('reports nothing once it is stopped', () => {
  const idle = jest.fn();
  startIdleWatch(() => 0, 1_000, idle)();
  jest.advanceTimersByTime(10_000);
  expect(idle).not.toHaveBeenCalled();
});
