import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey, Prompt } from 'ssh2';
import type { SshSignIn } from './ssh-endpoint';

/** What is stored for signing in, made ready for ssh2. */
export type ReadySignIn =
  Extract<SshSignIn, { type: 'password' }> | { type: 'key'; username: string; key: ParsedKey };

/**
 * Chooses the next attempt of signing in.
 *
 * It begins with `none` to learn what the server takes, so that a stored password is tried once:
 * keyboard-interactive follows only where the server has no `password`, or wants both.
 *
 * @param onQuestion called when keyboard-interactive asks anything but for one hidden answer
 */
export function signInSteps(
  signIn: ReadySignIn,
  onQuestion: (question: string) => void,
): AuthHandlerMiddleware {
  const { username } = signIn;
  const tried = new Set<string>();
  return (methodsLeft, partialSuccess, next) => {
    const attempt = (method: AnyAuthMethod): void => {
      tried.add(method.type);
      next(method);
    };
    // ssh2 takes false for "no more"; its types do not know.
    const giveUp = (): void => (next as (nothing: unknown) => void)(false);
    const offers = (type: string): boolean =>
      !tried.has(type) && (methodsLeft as string[]).includes(type);

    // ssh2 gives null before the first attempt, whatever its types say.
    if (!(methodsLeft as string[] | null)) {
      attempt({ type: 'none', username });
    } else if (signIn.type === 'key') {
      if (offers('publickey')) attempt({ type: 'publickey', username, key: signIn.key });
      else giveUp();
    } else if (offers('password')) {
      attempt({ type: 'password', username, password: signIn.password });
    } else if (offers('keyboard-interactive') && (!tried.has('password') || partialSuccess)) {
      const prompt = answerOnePassword(signIn.password, onQuestion);
      attempt({ type: 'keyboard-interactive', username, prompt });
    } else {
      giveUp();
    }
  };
}

type PromptHandler = (
  name: string,
  instructions: string,
  lang: string,
  prompts: Prompt[],
  answer: (answers: string[]) => void,
) => void;

/** A password goes only to a single hidden prompt, and once: a second one is a second question. */
function answerOnePassword(
  password: string,
  onQuestion: (question: string) => void,
): PromptHandler {
  let answered = false;
  return (_name, _instructions, _lang, prompts, answer) => {
    const [first] = prompts;
    if (answered || prompts.length !== 1 || first?.echo !== false) {
      onQuestion(first?.prompt ?? '');
      return;
    }
    answered = true;
    answer([password]);
  };
}
