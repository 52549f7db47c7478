import { QUESTION_LIMITS, type HostKeyMessage, type PromptMessage } from '@remote-access/contracts';
import { PromptQueue } from './prompt-queue';

const HOST_KEY: HostKeyMessage = {
  type: 'host-key',
  keyType: 'ssh-ed25519',
  sha256: 'SHA256:x',
  md5: 'MD5:x',
  randomart: '',
  state: 'new',
  question: false,
};
const request = (...texts: string[]) => ({
  title: 'plc',
  instructions: '',
  prompts: texts.map(text => ({ text, echo: false })),
});

let told: (PromptMessage | HostKeyMessage)[];
let queue: PromptQueue;

beforeEach(() => {
  told = [];
  queue = new PromptQueue(message => told.push(message));
});

const reply = (id: number, ...answers: string[]): void =>
  queue.answered({ type: 'answers', id, answers });

it('asks and returns the answers', async () => {
  const answers = queue.prompt(request('Password: ', 'Code: '));
  expect(told).toEqual([
    {
      type: 'prompt',
      id: 1,
      title: 'plc',
      instructions: '',
      prompts: [
        { text: 'Password: ', echo: false },
        { text: 'Code: ', echo: false },
      ],
    },
  ]);
  reply(1, 'secret', '123456');
  expect(await answers).toEqual(['secret', '123456']);
});

it.each(['once', 'save', 'abort'] as const)(
  'asks about a host key and returns %s',
  async answer => {
    const answered = queue.askHostKey(HOST_KEY);
    expect(told).toEqual([{ ...HOST_KEY, question: true }]);
    queue.answered({ type: 'host-key-answer', answer });
    expect(await answered).toBe(answer);
  },
);

it('asks one question at a time, in order', async () => {
  const first = queue.askHostKey(HOST_KEY);
  const second = queue.prompt(request('Password: '));
  const third = queue.prompt(request('Code: '));
  expect(told).toHaveLength(1);
  queue.answered({ type: 'host-key-answer', answer: 'once' });
  expect(told).toHaveLength(2);
  reply(1, 'a');
  reply(2, 'b');
  expect(await Promise.all([first, second, third])).toEqual(['once', ['a'], ['b']]);
});

it('accepts one complete answer, and only for the open question', async () => {
  reply(1, 'early');
  const first = queue.prompt(request('Password: '));
  reply(2, 'of another');
  reply(1);
  reply(1, 'too', 'many');
  queue.answered({ type: 'host-key-answer', answer: 'save' });
  reply(1, 'right');
  reply(1, 'twice');
  const second = queue.prompt(request('Code: '));
  reply(1, 'late');
  reply(2, 'fresh');
  expect(await Promise.all([first, second])).toEqual([['right'], ['fresh']]);
});

it('waits for an acknowledgement of a message without prompts', async () => {
  const answers = queue.prompt({ ...request(), instructions: 'Maintenance tonight' });
  expect(told).toHaveLength(1);
  reply(1);
  expect(await answers).toEqual([]);
});

it('gives up at the deadline, says why, and asks the next question', async () => {
  queue = new PromptQueue(message => told.push(message), 20);
  const first = queue.prompt(request('Password: '));
  const second = queue.askHostKey(HOST_KEY);
  await expect(first).rejects.toMatchObject({
    code: 'question-unanswered',
    message: expect.stringContaining('Nobody answered') as string,
  });
  queue.answered({ type: 'host-key-answer', answer: 'once' });
  expect(await second).toBe('once');
});

it('rejects pending and later questions once the client has left', async () => {
  const waiting = [queue.prompt(request('Password: ')), queue.askHostKey(HOST_KEY)];
  queue.close();
  for (const one of [...waiting, queue.prompt(request('Code: '))]) {
    await expect(one).rejects.toMatchObject({ code: 'question-unanswered' });
  }
  expect(told).toHaveLength(1);
});

it.each([
  request(...Array.from({ length: QUESTION_LIMITS.prompts + 1 }, () => '?')),
  request('x'.repeat(QUESTION_LIMITS.text + 1)),
  { ...request(), instructions: 'x'.repeat(QUESTION_LIMITS.text + 1) },
  { ...request(), title: 'x'.repeat(QUESTION_LIMITS.text + 1) },
])('rejects a question that is out of bounds, %#', async tooMuch => {
  await expect(queue.prompt(tooMuch)).rejects.toMatchObject({ code: 'target-failed' });
  expect(told).toEqual([]);
});
