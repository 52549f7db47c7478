import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey, Prompt } from 'ssh2';
import type { SshQuestion, SshSignIn } from './ssh-endpoint';
import type { UserCertificate } from './user-certificate';

/** What is stored for signing in, made ready for ssh2. */
export type ReadySignIn =
  | Extract<SshSignIn, { type: 'password' }>
  | {
      type: 'key';
      username: string;
      key: ParsedKey;
      certificate: UserCertificate | undefined;
    };

/** More questions than that are no sign-in: one is for a password, some for codes. */
const MAX_QUESTIONS = 16;

/** Each has one proof; servers that want more than two are rare. */
const MAX_ATTEMPTS = 8;

export interface SignInListener {
  /** Asks a person; absent where there is nobody to ask. */
  readonly ask: ((question: SshQuestion) => Promise<readonly string[]>) | undefined;
  /** The server wants an answer that only a person has, and nobody is there. */
  readonly onUnanswered: (question: string) => void;
  /** The server does not stop asking. */
  readonly onTooMany: () => void;
}

/**
 * Chooses the next attempt of signing in.
 *
 * It begins with `none` to learn what the server takes, so that what is stored is tried once: a
 * second attempt with the same password may lock the user out. A server that wants more than one
 * proof asks for the others, and a person answers.
 */
export class SignInSteps {
  /** What the server would have taken, at the last look. */
  methodsLeft: readonly string[] = [];
  /** Whether what is stored was right, and the server wanted more. */
  wantsMore = false;
  private readonly tried = new Set<string>();
  private attempts = 0;
  private questions = 0;
  private passwordGiven = false;

  constructor(
    private readonly signIn: ReadySignIn,
    private readonly listener: SignInListener,
  ) {}

  readonly next: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    const { signIn } = this;
    const { username } = signIn;
    const attempt = (method: AnyAuthMethod): void => {
      this.tried.add(method.type);
      next(method);
    };
    // ssh2 takes false for "no more"; its types do not know.
    const giveUp = (): void => (next as (nothing: unknown) => void)(false);
    // ssh2 gives null before the first attempt, whatever its types say.
    if (!(methodsLeft as string[] | null)) return attempt({ type: 'none', username });
    this.methodsLeft = methodsLeft;
    this.wantsMore ||= partialSuccess;
    this.attempts += 1;
    if (this.attempts > MAX_ATTEMPTS) return this.listener.onTooMany();

    if (signIn.type === 'key' && this.offers('publickey')) {
      return attempt({ type: 'publickey', username, key: signIn.key });
    }
    if (signIn.type === 'password' && this.offers('password')) {
      this.passwordGiven = true;
      return attempt({ type: 'password', username, password: signIn.password });
    }
    const isOpen = signIn.type === 'password' ? !this.tried.has('password') : false;
    if (!isOpen && !partialSuccess) return giveUp();
    // With every proof that was right a server begins anew, and may ask in the same way again.
    if (this.offers('keyboard-interactive', partialSuccess)) {
      return attempt({ type: 'keyboard-interactive', username, prompt: this.onPrompts });
    }
    if (this.offers('password', partialSuccess)) {
      return this.askPassword(username, password =>
        attempt({ type: 'password', username, password }),
      );
    }
    return giveUp();
  };

  private offers(type: string, isAgain = false): boolean {
    return (isAgain || !this.tried.has(type)) && this.methodsLeft.includes(type);
  }

  private askPassword(username: string, answered: (password: string) => void): void {
    const prompts = [{ text: `Password of ${username}: `, echo: false }];
    this.ask({ title: '', instructions: '', prompts }, ([password = '']) => answered(password));
  }

  /** A stored password goes to a single hidden prompt, and once: a second one is another question. */
  private readonly onPrompts = (
    title: string,
    instructions: string,
    _language: string,
    prompts: Prompt[],
    answer: (answers: string[]) => void,
  ): void => {
    const { signIn } = this;
    const [first] = prompts;
    const isPassword = prompts.length === 1 && first?.echo === false;
    if (signIn.type === 'password' && !this.passwordGiven && isPassword) {
      this.passwordGiven = true;
      return answer([signIn.password]);
    }
    const asked = prompts.map(({ prompt, echo }) => ({ text: prompt, echo: echo ?? false }));
    this.ask({ title, instructions, prompts: asked }, answers => answer([...answers]));
  };

  private ask(question: SshQuestion, answered: (answers: readonly string[]) => void): void {
    const { ask, onUnanswered, onTooMany } = this.listener;
    this.questions += 1;
    if (this.questions > MAX_QUESTIONS) return onTooMany();
    if (!ask) return onUnanswered(question.prompts[0]?.text ?? '');
    // Who asks ends the session where nobody answers.
    ask(question).then(answered, () => undefined);
  }
}
