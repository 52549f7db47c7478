import { parseClientMessage } from './client-message';
import { QUESTION_LIMITS } from './wire';

const most = 'x'.repeat(QUESTION_LIMITS.text);
const answers = (count: number, text = most): string =>
  JSON.stringify({ type: 'answers', id: 0, answers: Array.from({ length: count }, () => text) });

it.each([
  ['{"type":"resize","cols":80,"rows":24}', { type: 'resize', cols: 80, rows: 24 }],
  ['{"type":"resize","cols":4096,"rows":1}', { type: 'resize', cols: 4096, rows: 1 }],
  ['{"type":"disconnect","newer":true}', { type: 'disconnect' }],
  ['{"type":"flow","state":"hold"}', { type: 'flow', state: 'hold' }],
  ['{"type":"flow","state":"go"}', { type: 'flow', state: 'go' }],
  ['{"type":"ack","bytes":0}', { type: 'ack', bytes: 0 }],
  ['{"type":"ack","bytes":9007199254740991}', { type: 'ack', bytes: Number.MAX_SAFE_INTEGER }],
  ['{"type":"ping","id":3}', { type: 'ping', id: 3 }],
  ['{"type":"break","ms":500}', { type: 'break' }],
  ['{"type":"answers","id":2,"answers":[]}', { type: 'answers', id: 2, answers: [] }],
  ['{"type":"answers","id":2,"answers":["a",""]}', { type: 'answers', id: 2, answers: ['a', ''] }],
  ['{"type":"host-key-answer","answer":"once"}', { type: 'host-key-answer', answer: 'once' }],
  ['{"type":"host-key-answer","answer":"save"}', { type: 'host-key-answer', answer: 'save' }],
  ['{"type":"host-key-answer","answer":"abort"}', { type: 'host-key-answer', answer: 'abort' }],
])('reads %s', (text, message) => {
  expect(parseClientMessage(text)).toEqual(message);
});

it('reads the largest permitted answers', () => {
  expect(parseClientMessage(answers(QUESTION_LIMITS.prompts))).toMatchObject({ type: 'answers' });
});

it.each([
  '',
  'null',
  '[]',
  '"resize"',
  '{"type":',
  '{"type":"reboot"}',
  '{"type":"constructor"}',
  '{"type":["disconnect"]}',
  '{"type":"resize"}',
  '{"type":"resize","cols":0,"rows":24}',
  '{"type":"resize","cols":80.5,"rows":24}',
  '{"type":"resize","cols":4097,"rows":24}',
  '{"type":"resize","cols":"80","rows":24}',
  '{"type":"flow","state":"stop"}',
  '{"type":"flow"}',
  '{"type":"ack"}',
  '{"type":"ack","bytes":-1}',
  '{"type":"ack","bytes":0.5}',
  '{"type":"ack","bytes":9007199254740992}',
  '{"type":"ack","bytes":"7"}',
  '{"type":"ping"}',
  '{"type":"ping","id":-1}',
  '{"type":"answers","answers":["a"]}',
  '{"type":"answers","id":1}',
  '{"type":"answers","id":1,"answers":"a"}',
  '{"type":"answers","id":1,"answers":[1]}',
  '{"type":"answers","id":1,"answers":{"length":1}}',
  '{"type":"host-key-answer"}',
  '{"type":"host-key-answer","answer":"yes"}',
  `{"type":"disconnect","padding":"${'x'.repeat(270_000)}"}`,
  answers(QUESTION_LIMITS.prompts + 1, ''),
  answers(1, `${most}x`),
])('ignores %.60s', text => {
  expect(parseClientMessage(text)).toBeUndefined();
});
