import { QUESTION_LIMITS, type HostKeyMessage, type PromptMessage } from '@remote-access/contracts';
import { SessionDialogue } from './session-dialogue';

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
let dialogue: SessionDialogue;

beforeEach(() => {
  told = [];
  dialogue = new SessionDialogue(message => told.push(message));
});

const reply = (id: number, ...answers: string[]): void =>
  dialogue.answered({ type: 'answers', id, answers });

it('asks and hands the answers over', async () => {
  const answers = dialogue.prompt(request('Password: ', 'Code: '));
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

it.each(['once', 'save', 'abort'] as const)('asks about a host key and hears %s', async answer => {
  const answered = dialogue.askHostKey(HOST_KEY);
  expect(told).toEqual([{ ...HOST_KEY, question: true }]);
  dialogue.answered({ type: 'host-key-answer', answer });
  expect(await answered).toBe(answer);
});

it('asks one question at a time, in their order', async () => {
  const first = dialogue.askHostKey(HOST_KEY);
  const second = dialogue.prompt(request('Password: '));
  const third = dialogue.prompt(request('Code: '));
  expect(told).toHaveLength(1);
  dialogue.answered({ type: 'host-key-answer', answer: 'once' });
  expect(told).toHaveLength(2);
  reply(1, 'a');
  reply(2, 'b');
  expect(await Promise.all([first, second, third])).toEqual(['once', ['a'], ['b']]);
});

it('takes an answer for the open question only, once, and whole', async () => {
  reply(1, 'early');
  const first = dialogue.prompt(request('Password: '));
  reply(2, 'of another');
  reply(1);
  reply(1, 'too', 'many');
  dialogue.answered({ type: 'host-key-answer', answer: 'save' });
  reply(1, 'right');
  reply(1, 'twice');
  const second = dialogue.prompt(request('Code: '));
  reply(1, 'late');
  reply(2, 'fresh');
  expect(await Promise.all([first, second])).toEqual([['right'], ['fresh']]);
});

it('waits for an acknowledgement where there is only something to read', async () => {
  const answers = dialogue.prompt({ ...request(), instructions: 'Maintenance tonight' });
  expect(told).toHaveLength(1);
  reply(1);
  expect(await answers).toEqual([]);
});

it('gives up after its deadline, says why, and asks the next one', async () => {
  dialogue = new SessionDialogue(message => told.push(message), 20);
  const first = dialogue.prompt(request('Password: '));
  const second = dialogue.askHostKey(HOST_KEY);
  await expect(first).rejects.toMatchObject({
    code: 'question-unanswered',
    message: expect.stringContaining('Nobody answered') as string,
  });
  dialogue.answered({ type: 'host-key-answer', answer: 'once' });
  expect(await second).toBe('once');
});

it('tells everybody who waits that the client has left, and whoever asks later', async () => {
  const waiting = [dialogue.prompt(request('Password: ')), dialogue.askHostKey(HOST_KEY)];
  dialogue.close();
  for (const one of [...waiting, dialogue.prompt(request('Code: '))]) {
    await expect(one).rejects.toMatchObject({ code: 'question-unanswered' });
  }
  expect(told).toHaveLength(1);
});

it.each([
  request(...Array.from({ length: QUESTION_LIMITS.prompts + 1 }, () => '?')),
  request('x'.repeat(QUESTION_LIMITS.text + 1)),
  { ...request(), instructions: 'x'.repeat(QUESTION_LIMITS.text + 1) },
  { ...request(), title: 'x'.repeat(QUESTION_LIMITS.text + 1) },
])('does not ask what is out of bounds, %#', async tooMuch => {
  await expect(dialogue.prompt(tooMuch)).rejects.toMatchObject({ code: 'target-failed' });
  expect(told).toEqual([]);
});
