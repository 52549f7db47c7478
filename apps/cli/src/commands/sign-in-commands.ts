import type { Command } from 'commander';
import { CliFailure } from '../failures/failure';
import { call } from '../http/http-call';
import { checkName, noProfile, type Profile } from '../profiles/profiles';
import { askPassword, codeOf } from '../sign-in/account';
import { readAddress, readUser } from '../sign-in/address';
import {
  signInWithPassword,
  tokenAuthorization,
  type Authorization,
} from '../sign-in/password-sign-in';
import { httpFailure } from '../failures/service-refusals';
import { Secret } from '@remote-access/settings';
import { Context, type GlobalOptions, type Surroundings } from './context';

interface LoginOptions extends GlobalOptions {
  readonly user?: string;
  readonly token?: boolean;
  readonly store: boolean;
}

/** Commands that determine which user the other commands act as. */
export function addSignInCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('login')
    .summary('sign in and save a profile')
    .description(
      'Signs in and saves a profile. The password is kept in the store of the operating system ' +
        '(Keychain, Credential Manager, Secret Service); with a second factor, the token is kept ' +
        'instead. Where there is no such store, nothing is kept and each command asks.',
    )
    .argument('[url]', 'address of the tenant, such as https://tenant.example.com')
    .option('-u, --user <name>', 'user, or tenant/user')
    .option('--token', 'sign in with a token, which is asked for or read from REMOTE_ACCESS_TOKEN')
    .option('--no-store', 'keep neither password nor token')
    .action(async (url: string | undefined, _options: unknown, command: Command) => {
      const context = Context.of(command, surroundings);
      await login(context, url, command.optsWithGlobals<LoginOptions>());
    });

  program
    .command('logout')
    .summary('remove a profile')
    .description('Removes the profile, and the password or token that is kept for it.')
    .action(async (_options: unknown, command: Command) => {
      const { profiles, secrets, output, options } = Context.of(command, surroundings);
      const name = options.profile ?? profiles.currentName;
      const profile = profiles.find(name);
      if (!profile) throw noProfile(name);
      await secrets.remove(profile);
      profiles.remove(name);
      output.note(`Removed the profile "${name}".`);
    });

  program
    .command('profiles')
    .summary('list the profiles')
    .description('Lists the profiles, or chooses the one that is used when none is named.')
    .option('--use <name>', 'use this one from now on')
    .action((options: { use?: string }, command: Command) => {
      const { profiles, output } = Context.of(command, surroundings);
      if (options.use !== undefined) return profiles.use(options.use);
      output.rows(
        profiles.list().map(({ name, profile, isCurrent }) => ({ name, ...profile, isCurrent })),
        {
          NAME: one => one.name,
          URL: one => one.url,
          TENANT: one => one.tenant,
          USER: one => one.user,
          USED: one => (one.isCurrent ? 'yes' : ''),
        },
        'There are no profiles. remote-access login adds one.',
      );
    });
}

async function login(
  context: Context,
  address: string | undefined,
  options: LoginOptions,
): Promise<void> {
  const { env, profiles, secrets, questions, output } = context;
  const name = options.profile ?? profiles.currentName;
  checkName(name);
  const known = profiles.find(name);
  const url = readAddress(
    address ??
      env['REMOTE_ACCESS_URL'] ??
      known?.url ??
      (await question(context, 'Address of the tenant: ', 'Give the address.')),
  );
  const isToken = options.token ?? false;
  const authorization = isToken
    ? tokenAuthorization(
        env['REMOTE_ACCESS_TOKEN']
          ? new Secret(env['REMOTE_ACCESS_TOKEN'])
          : await questions.askSecret('Token: '),
      )
    : undefined;
  const who = authorization
    ? { user: await userOf(url, authorization) }
    : readUser(
        options.user ??
          env['REMOTE_ACCESS_USER'] ??
          (known?.url === url ? known.user : undefined) ??
          (await question(context, 'User: ', 'Give the user with --user.')),
      );
  const profile: Profile = { url, ...who };
  const given = env['REMOTE_ACCESS_PASSWORD'];
  const password = isToken
    ? undefined
    : given
      ? new Secret(given)
      : await askPassword(profile, questions);
  const signedIn =
    authorization ?? (await signInWithPassword(profile, password!, () => codeOf(env, questions)));
  await userOf(url, signedIn);
  profiles.save(name, profile);
  if (known) await secrets.remove(known);
  const kept = await keep(context, profile, options.store, signedIn, password);
  const until = signedIn.expiresAt ? ` until ${signedIn.expiresAt.toISOString()}` : '';
  output.note(`Signed in as ${profile.user} at ${url} (profile "${name}").`);
  output.note(
    kept === undefined
      ? `The ${isToken ? 'token' : 'password'} is not kept: commands ask for the password, ` +
          'unless REMOTE_ACCESS_URL and the credentials are in their environment.'
      : `The ${kept} is kept in the store of the operating system${kept === 'token' ? until : ''}.`,
  );
  if (output.isJson) output.json({ profile: name, ...profile, kept: kept ?? null });
}

/** @returns what is stored, `undefined` if nothing is */
async function keep(
  { secrets }: Context,
  profile: Profile,
  store: boolean,
  { token, neededCode }: Authorization,
  password: Secret | undefined,
): Promise<'password' | 'token' | undefined> {
  if (!store) return undefined;
  // A password that needs a code each time would not save the user from being asked.
  const stored =
    password && !neededCode
      ? ({ kind: 'password', secret: password } as const)
      : token && ({ kind: 'token', secret: token } as const);
  if (!stored) return undefined;
  return (await secrets.write(profile, stored)) ? stored.kind : undefined;
}

async function userOf(url: string, { header }: Authorization): Promise<string> {
  const { status, body } = await call(url, 'GET', '/user/currentUser', { authorization: header });
  if (status === 401) throw new CliFailure('sign-in', 'The sign-in was refused.');
  if (status !== 200) throw httpFailure(status, body, 'The user cannot be read');
  return (body as { userName?: string }).userName ?? '';
}

function question({ questions }: Context, text: string, hint: string): Promise<string> {
  if (questions.canAsk) return questions.ask(text);
  throw new CliFailure('usage', 'Something is missing.', { hint });
}
