import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliFailure } from '../failures/failure';
import { readUserFileIfAny, replaceOwnFile } from '../files/user-file';

/** Where to sign in and as which user. The secret is in the operating system's store. */
export interface Profile {
  /** Without a trailing slash. */
  readonly url: string;
  /** Absent if the address determines it. */
  readonly tenant?: string | undefined;
  readonly user: string;
}

interface ProfilesFile {
  current?: string;
  profiles: Record<string, Profile>;
}

export const DEFAULT_PROFILE = 'default';

/** The name becomes part of command lines. */
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** The profiles of the user, in a file without secrets. */
export class Profiles {
  private readonly file: string;

  constructor(env: NodeJS.ProcessEnv) {
    this.file = join(configFolder(env), 'profiles.json');
  }

  /** @returns name and profile of each, and which one is used by default */
  list(): { name: string; profile: Profile; isCurrent: boolean }[] {
    const { current = DEFAULT_PROFILE, profiles } = this.read();
    return Object.entries(profiles).map(([name, profile]) => ({
      name,
      profile,
      isCurrent: name === current,
    }));
  }

  get currentName(): string {
    return this.read().current ?? DEFAULT_PROFILE;
  }

  find(name: string): Profile | undefined {
    const { profiles } = this.read();
    return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  }

  save(name: string, profile: Profile): void {
    checkName(name);
    const file = this.read();
    const isFirst = Object.keys(file.profiles).length === 0;
    this.write({
      ...file,
      ...(isFirst && { current: name }),
      profiles: { ...file.profiles, [name]: profile },
    });
  }

  use(name: string): void {
    if (!this.find(name)) throw noProfile(name);
    this.write({ ...this.read(), current: name });
  }

  remove(name: string): void {
    const { current, profiles: all } = this.read();
    const { [name]: removed, ...profiles } = all;
    if (!removed) throw noProfile(name);
    this.write({ ...(current !== undefined && current !== name && { current }), profiles });
  }

  private read(): ProfilesFile {
    const text = readUserFileIfAny(this.file);
    if (text === undefined) return { profiles: {} };
    try {
      const { current, profiles } = JSON.parse(text) as Partial<ProfilesFile>;
      return { ...(current !== undefined && { current }), profiles: profiles ?? {} };
    } catch (cause) {
      const hint = 'Correct the file, or remove it and sign in again.';
      throw new CliFailure('usage', `${this.file} is not valid JSON.`, { hint, cause });
    }
  }

  private write(file: ProfilesFile): void {
    replaceOwnFile(this.file, `${JSON.stringify(file, null, 2)}\n`);
  }
}

export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new CliFailure('usage', 'A profile is named with letters, digits, ".", "_" and "-".');
}

export function noProfile(name: string): CliFailure {
  const hint = 'remote-access profiles lists them, remote-access login adds one.';
  return new CliFailure('sign-in', `There is no profile "${name}".`, { hint });
}

function configFolder(env: NodeJS.ProcessEnv): string {
  const { REMOTE_ACCESS_CONFIG: own, XDG_CONFIG_HOME: xdg, APPDATA: windows } = env;
  if (own) return own;
  if (process.platform === 'win32' && windows) return join(windows, 'remote-access');
  return join(xdg || join(homedir(), '.config'), 'remote-access');
}
