import { Disposables } from './disposal';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('releases everything once, in reverse order', () => {
  const released: string[] = [];
  const disposables = new Disposables();
  disposables.add(() => released.push('first'));
  disposables.add(() => released.push('second'));
  disposables.dispose();
  disposables.dispose();
  expect(released).toEqual(['second', 'first']);
});

it('immediately releases what is added after the end', () => {
  const released: string[] = [];
  const disposables = new Disposables();
  disposables.dispose();
  const release = disposables.add(() => released.push('late'));
  release();
  expect(released).toEqual(['late']);
});

it('releases one early, and not again with the rest', () => {
  const released: string[] = [];
  const disposables = new Disposables();
  const release = disposables.add(() => released.push('early'));
  disposables.add(() => released.push('rest'));
  release();
  release();
  expect(released).toEqual(['early']);
  disposables.dispose();
  expect(released).toEqual(['early', 'rest']);
});

it('clears a timer early on request', () => {
  const action = jest.fn();
  const disposables = new Disposables();
  const end = disposables.timeout(action, 1_000);
  end();
  end();
  expect(jest.getTimerCount()).toBe(0);
  jest.advanceTimersByTime(2_000);
  disposables.dispose();
  expect(action).not.toHaveBeenCalled();
});

it('lets a timer fire, or clears it with the rest', () => {
  const action = jest.fn();
  const disposables = new Disposables();
  disposables.timeout(action, 1_000);
  disposables.timeout(action, 5_000);
  jest.advanceTimersByTime(2_000);
  expect(action).toHaveBeenCalledTimes(1);
  disposables.dispose();
  jest.advanceTimersByTime(10_000);
  expect(action).toHaveBeenCalledTimes(1);
});

it('stops an interval', () => {
  const action = jest.fn();
  const disposables = new Disposables();
  disposables.interval(action, 1_000);
  jest.advanceTimersByTime(2_000);
  disposables.dispose();
  jest.advanceTimersByTime(10_000);
  expect(action).toHaveBeenCalledTimes(2);
});
