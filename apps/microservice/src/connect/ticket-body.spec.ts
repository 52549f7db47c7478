import { isRefusal, MAX_RESUME_KEYS } from '@remote-access/contracts';
import { readTicketBody } from './ticket-body';

const KEY = 'k'.repeat(43);
const RESUME = { sessionId: 'S', keys: [KEY], next: KEY, output: 7 };

/** What the body is understood as, or what is wrong with it. */
function read(body: unknown): unknown {
  const asked = readTicketBody(body);
  return isRefusal(asked) ? `${asked.code}: ${asked.message}` : asked;
}

it.each([undefined, null, '', 'text', 7, [], {}, { resume: null, watch: null, keep: null }])(
  'a body without a purpose asks for a new session: %j',
  body => {
    expect(read(body)).toEqual({ noticeAccepted: undefined });
  },
);

it('every purpose is read, and unknown fields are not passed on', () => {
  const body = {
    resume: { ...RESUME, takeOver: true, more: 1 },
    watch: { sessionId: 'W', more: 1 },
    keep: KEY,
    size: { cols: 116, rows: 29, more: 1 },
    noticeAccepted: 'id',
    more: 1,
  };
  expect(read(body)).toEqual({
    resume: { ...RESUME, takeOver: true },
    watch: { sessionId: 'W' },
    keep: KEY,
    size: { cols: 116, rows: 29 },
    noticeAccepted: 'id',
  });
});

it.each([
  'S',
  {},
  { ...RESUME, sessionId: 1 },
  { ...RESUME, keys: KEY },
  { ...RESUME, keys: ['short'] },
  { ...RESUME, keys: Array.from({ length: MAX_RESUME_KEYS + 1 }, () => KEY) },
  { ...RESUME, next: `${KEY}=` },
  { ...RESUME, output: -1 },
  { ...RESUME, output: 0.5 },
  { ...RESUME, output: '7' },
  { ...RESUME, takeOver: 'yes' },
])('a request to resume that is not complete is refused: %j', resume => {
  expect(read({ resume })).toMatch(/^malformed-request: resume must have a sessionId, keys and /);
});

it.each([{}, 'S', { sessionId: 7 }])('so is a request to watch no session: %j', watch => {
  expect(read({ watch })).toBe('malformed-request: watch must have a sessionId.');
});

it.each(['', 'short', 7, [KEY]])('so is a key that is none: %j', keep => {
  expect(read({ keep })).toBe(
    'malformed-request: keep must have 43 characters (32 bytes in base64url).',
  );
});

it.each([7, {}, { cols: 80 }, { cols: 0, rows: 24 }, { cols: 80, rows: 4097 }])(
  'so is a size that no terminal has: %j',
  size => {
    expect(read({ size })).toBe(
      'malformed-request: size must have cols and rows, whole numbers from 1 to 4096.',
    );
  },
);
