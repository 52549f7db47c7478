import { AttemptLimit } from './attempt-limit';

let now = 0;
const limit = (): AttemptLimit => new AttemptLimit(() => now);
beforeEach(() => (now = 0));

it('lets ten failures of a name pass in a minute', () => {
  const attempts = limit();
  const answers = Array.from({ length: 12 }, () => attempts.failed('ana'));
  expect(answers).toEqual([...Array<boolean>(10).fill(false), true, true]);
});

it('counts each name by itself', () => {
  const attempts = limit();
  for (let count = 0; count < 20; count += 1) attempts.failed('ana');
  expect(attempts.failed('ben')).toBe(false);
});

it('forgets after a minute', () => {
  const attempts = limit();
  for (let count = 0; count < 20; count += 1) attempts.failed('ana');
  now = 60_000;
  expect(attempts.failed('ana')).toBe(false);
});

it('remembers a bounded number of names, the busy ones longest', () => {
  const attempts = limit();
  for (let count = 0; count < 10; count += 1) attempts.failed('ana');
  for (let count = 0; count < 9_999; count += 1) attempts.failed(`stranger ${count}`);
  expect(attempts.failed('ana')).toBe(true);
  for (let count = 0; count < 10_001; count += 1) attempts.failed(`other ${count}`);
  expect(attempts.failed('ana')).toBe(false);
});
