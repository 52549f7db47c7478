import { wait, type Handshake } from './handshake';
import type { SignInContext } from './sign-in-context';

export interface HeldCredentials {
  readonly username: string;
  readonly password: string;
}

/** What is stored, and where that is not enough, what a person answers. */
export function* heldCredentials(
  { credentials, ask, texts }: SignInContext,
  needs: 'password' | 'username and password',
): Handshake<HeldCredentials> {
  const isMissing = (given: typeof credentials): boolean =>
    given.password === undefined || (needs !== 'password' && given.username === undefined);
  let held = credentials;
  if (isMissing(held)) {
    if (!ask) throw texts.credentialsMissing(needs);
    held = { ...held, ...(yield* wait(() => ask(needs))) };
    if (isMissing(held)) throw texts.credentialsMissing(needs);
  }
  return { username: held.username ?? '', password: held.password ?? '' };
}
