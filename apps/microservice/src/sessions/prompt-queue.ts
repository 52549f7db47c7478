import {
  QUESTION_LIMITS,
  RemoteAccessError,
  type ClientMessage,
  type HostKeyAnswer,
  type HostKeyMessage,
  type PromptMessage,
} from '@remote-access/contracts';
import type { PromptRequest, UserPrompts } from './bridge';

/** Long enough to get a code from another device; sshd also gives up after two minutes. */
const ANSWER_DEADLINE_MS = 120_000;

const UNANSWERED = "Nobody answered the remote server's question within two minutes.";
const TOO_MUCH = 'The remote server asks for more than a sign-in needs.';
const LEFT = 'The client left before answering.';

type Answer = Extract<ClientMessage, { type: 'answers' | 'host-key-answer' }>;

/** A question waiting for its answer. */
interface Asked {
  readonly message: PromptMessage | HostKeyMessage;
  readonly settle: (answer: Answer | RemoteAccessError) => void;
}

/**
 * The remote server's questions to the user, one at a time and in order. Only the first answer to
 * the open question counts; duplicate, late and unrelated answers are ignored.
 */
export class PromptQueue implements UserPrompts {
  private readonly waiting: Asked[] = [];
  private deadline: NodeJS.Timeout | undefined;
  private over = false;
  private lastId = 0;

  constructor(
    private readonly tell: (message: PromptMessage | HostKeyMessage) => void,
    private readonly deadlineMs = ANSWER_DEADLINE_MS,
  ) {}

  /** @throws RemoteAccessError `question-unanswered` */
  async askHostKey(message: HostKeyMessage): Promise<HostKeyAnswer> {
    const answer = await this.ask({ ...message, question: true });
    return answer.type === 'host-key-answer' ? answer.answer : 'abort';
  }

  /**
   * @throws RemoteAccessError `question-unanswered`, `target-failed` if the question is too large
   */
  async prompt({ title, instructions, prompts }: PromptRequest): Promise<readonly string[]> {
    const texts = [title, instructions, ...prompts.map(({ text }) => text)];
    const isTooLarge =
      prompts.length > QUESTION_LIMITS.prompts ||
      texts.some(text => text.length > QUESTION_LIMITS.text);
    if (isTooLarge) throw new RemoteAccessError('target-failed', { detail: TOO_MUCH });
    this.lastId += 1;
    const asked = prompts.map(({ text, echo }) => ({ text, echo }));
    const id = this.lastId;
    const answer = await this.ask({ type: 'prompt', id, title, instructions, prompts: asked });
    return answer.type === 'answers' ? answer.answers : [];
  }

  answered(answer: Answer): void {
    const [open] = this.waiting;
    if (open && answers(open.message, answer)) open.settle(answer);
  }

  /** Rejects all pending questions. */
  close(): void {
    this.over = true;
    for (const { settle } of [...this.waiting]) settle(unanswered(LEFT));
  }

  private ask(message: PromptMessage | HostKeyMessage): Promise<Answer> {
    if (this.over) return Promise.reject(unanswered(LEFT));
    return new Promise((resolve, reject) => {
      const asked: Asked = {
        message,
        settle: answer => {
          this.waiting.splice(this.waiting.indexOf(asked), 1);
          clearTimeout(this.deadline);
          if (answer instanceof RemoteAccessError) reject(answer);
          else resolve(answer);
          if (!this.over) this.open();
        },
      };
      this.waiting.push(asked);
      if (this.waiting.length === 1) this.open();
    });
  }

  private open(): void {
    const [next] = this.waiting;
    if (!next) return;
    this.deadline = setTimeout(() => next.settle(unanswered(UNANSWERED)), this.deadlineMs);
    this.tell(next.message);
  }
}

function answers(question: PromptMessage | HostKeyMessage, answer: Answer): boolean {
  if (question.type === 'host-key') return answer.type === 'host-key-answer';
  return (
    answer.type === 'answers' &&
    answer.id === question.id &&
    answer.answers.length === question.prompts.length
  );
}

function unanswered(detail: string): RemoteAccessError {
  return new RemoteAccessError('question-unanswered', { detail });
}
