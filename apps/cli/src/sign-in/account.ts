import { Secret } from '@remote-access/settings';
import { CliFailure } from '../failures/failure';
import type { Questions } from '../output/questions';
import { noProfile, type Profile, type Profiles } from '../profiles/profiles';
import type { SecretStore } from '../profiles/secret-store';
import { readAddress, readUser } from './address';
import { signInWithPassword, tokenAuthorization, type Authorization } from './password-sign-in';

export interface AccountSource {
  readonly env: NodeJS.ProcessEnv;
  /** The profile named on the command line, if any. */
  readonly profileName: string | undefined;
  readonly profiles: Profiles;
  readonly secrets: SecretStore;
  readonly questions: Questions;
}

const SIGN_IN_HINT =
  'Run remote-access login, or set REMOTE_ACCESS_URL with REMOTE_ACCESS_TOKEN, ' +
  'or with REMOTE_ACCESS_USER and REMOTE_ACCESS_PASSWORD.';

/** The account that the commands of one run use. */
export class Account {
  private constructor(
    readonly url: string,
    private current: Authorization,
    private readonly signInAgain: (() => Promise<Authorization>) | undefined,
  ) {}

  /**
   * Signs in with credentials from the environment, from the operating system's store, or from the
   * user.
   */
  static async open(source: AccountSource): Promise<Account> {
    const { profile, env } = identityOf(source);
    if (env.token !== undefined) {
      return new Account(profile.url, tokenAuthorization(env.token), undefined);
    }
    const { questions, secrets } = source;
    const stored = env.password === undefined ? await secrets.read(profile) : undefined;
    if (stored?.kind === 'token') {
      const known = tokenAuthorization(stored.secret);
      const isOver = known.expiresAt !== undefined && known.expiresAt.getTime() <= Date.now();
      if (!isOver) return new Account(profile.url, known, undefined);
    }
    const kept = stored?.kind === 'password' ? stored.secret : undefined;
    const password = env.password ?? kept ?? (await askPassword(profile, questions));
    const signIn = (): Promise<Authorization> =>
      signInWithPassword(profile, password, () => codeOf(source.env, questions));
    const first = await signIn();
    // A code works only once, so the next sign-in would have to ask again, which a background
    // session cannot do.
    return new Account(profile.url, first, first.neededCode ? undefined : signIn);
  }

  get authorization(): Secret {
    return this.current.header;
  }

  /** When the sign-in expires, if known. */
  get expiresAt(): Date | undefined {
    return this.current.expiresAt;
  }

  get canRenew(): boolean {
    return this.signInAgain !== undefined;
  }

  /** @returns whether signing in again succeeded */
  async renew(): Promise<boolean> {
    if (!this.signInAgain) return false;
    this.current = await this.signInAgain();
    return true;
  }
}

interface Identity {
  readonly profile: Profile;
  readonly env: { readonly token?: Secret; readonly password?: Secret };
}

/**
 * If REMOTE_ACCESS_URL is set, the identity comes from the environment alone, unless a profile is
 * named; then the environment is ignored. A credential for one address is never sent to another.
 */
function identityOf({ env, profileName, profiles }: AccountSource): Identity {
  if (env['REMOTE_ACCESS_URL'] && profileName === undefined) {
    const url = readAddress(env['REMOTE_ACCESS_URL']);
    const token = secretOf(env['REMOTE_ACCESS_TOKEN']);
    if (token) return { profile: { url, user: '' }, env: { token } };
    const user = env['REMOTE_ACCESS_USER'];
    if (!user) {
      const message =
        'REMOTE_ACCESS_URL is set, but neither REMOTE_ACCESS_TOKEN nor REMOTE_ACCESS_USER.';
      throw new CliFailure('sign-in', message, { hint: SIGN_IN_HINT });
    }
    const password = secretOf(env['REMOTE_ACCESS_PASSWORD']);
    return { profile: { url, ...readUser(user) }, env: password ? { password } : {} };
  }
  const name = profileName ?? profiles.currentName;
  const profile = profiles.find(name);
  if (profile) return { profile, env: {} };
  if (profileName !== undefined) throw noProfile(profileName);
  const others = profiles.list().map(one => one.name);
  throw new CliFailure('sign-in', 'You are not signed in.', {
    hint:
      others.length === 0
        ? SIGN_IN_HINT
        : `Choose a profile with remote-access profiles --use (${others.join(', ')}), or sign in with remote-access login.`,
  });
}

export async function askPassword(profile: Profile, questions: Questions): Promise<Secret> {
  if (!questions.canAsk) {
    throw new CliFailure('sign-in', `No password for ${profile.user} at ${profile.url}.`, {
      hint: SIGN_IN_HINT,
    });
  }
  return questions.askSecret(`Password of ${profile.user} at ${profile.url}: `);
}

/** @param env may contain REMOTE_ACCESS_TOTP, for scripts that generate codes */
export function codeOf(env: NodeJS.ProcessEnv, questions: Questions): Promise<string> {
  const { REMOTE_ACCESS_TOTP: code } = env;
  if (code) return Promise.resolve(code);
  if (questions.canAsk) return questions.ask('One-time code: ');
  const hint = 'Set REMOTE_ACCESS_TOTP, or use a token.';
  throw new CliFailure('sign-in', 'A one-time code is needed.', { hint });
}

function secretOf(text: string | undefined): Secret | undefined {
  return text ? new Secret(text) : undefined;
}
