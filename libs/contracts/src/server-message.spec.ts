import { parseServerMessage } from './server-message';
import { QUESTION_LIMITS } from './wire';

const hostKey = { type: 'host-key', keyType: 'ssh-ed25519', sha256: 'S', md5: 'M', state: 'new' };
const prompt = {
  type: 'prompt',
  id: 1,
  title: 'plc',
  instructions: '',
  prompts: [{ text: 'Code: ', echo: true }],
};

it.each([
  { type: 'status', step: 'operation-created', elapsedMs: 12, operationId: '7' },
  { ...hostKey, randomart: '+--+', question: true },
  prompt,
  { ...prompt, prompts: [] },
  { type: 'pong', id: 4 },
  { type: 'pong', id: 5, gateway: 'answers', gatewayMs: 3, endpoint: 'silent', endpointMs: 7 },
  { type: 'error', code: 'gateway-timeout', text: 'Too late.', hint: 'Look there.' },
  { type: 'ended', by: 'client', code: 'normal', text: 'You disconnected.', outputBytes: 10 },
])('reads $type', message => {
  expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
});

it('reads a host key without `question` as one that needs no answer', () => {
  const message = parseServerMessage(JSON.stringify(hostKey));
  expect(message).toEqual({ ...hostKey, randomart: '', question: false });
});

it.each([
  '{"type":"status","step":"open"}',
  '{"type":"pong"}',
  '{"type":"pong","id":-1}',
  '{"type":"toString"}',
  '{"type":"news"}',
  '{"type":"latency","clientMs":4}',
  '17',
])('ignores %s', text => {
  expect(parseServerMessage(text)).toBeUndefined();
});

it.each([
  { id: 0.5 },
  { title: 7 },
  { title: 'x'.repeat(QUESTION_LIMITS.text + 1) },
  { prompts: null },
  { prompts: {} },
  { prompts: [null] },
  { prompts: [{ text: 'Code: ' }] },
  { prompts: [{ text: 7, echo: true }] },
  { prompts: Array.from({ length: QUESTION_LIMITS.prompts + 1 }, () => prompt.prompts[0]) },
])('ignores a prompt with %.60j', change => {
  expect(parseServerMessage(JSON.stringify({ ...prompt, ...change }))).toBeUndefined();
});
