/** Exit codes; scripts rely on them. */
export const EXIT_CODES = {
  done: 0,
  unexpected: 1,
  usage: 2,
  'sign-in': 3,
  forbidden: 4,
  'not-found': 5,
  unsuitable: 6,
  unreachable: 7,
  platform: 8,
  'program-missing': 9,
  interrupted: 130,
} as const;

export type FailureKind = Exclude<keyof typeof EXIT_CODES, 'done'>;

/** The meaning of each exit code, for the reference page. */
export const EXIT_CODE_TEXTS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  done: 'Everything worked.',
  unexpected: 'An unexpected error, or an import with refused lines.',
  usage: 'The command line is wrong.',
  'sign-in': 'Not signed in: no credentials, wrong ones, or nobody to ask for them.',
  forbidden: 'Signed in, but not permitted; the message names the missing permission.',
  'not-found': 'There is no such gateway, endpoint or session, or the name fits several.',
  unsuitable: 'This kind of endpoint does not allow it, or its settings do not.',
  unreachable: 'The gateway or the endpoint cannot be reached, or the session was lost.',
  platform: 'Cumulocity or the remote access service cannot be reached, or answered with an error.',
  'program-missing': 'A program that is needed on this machine is missing.',
  interrupted: 'Ended by Ctrl+C.',
};

/** A failure that the user can act on. Its texts contain no secret. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly hint: string | undefined;
  /** A code of the service's error catalogue, if the service refused. */
  readonly code: string | undefined;
  /** Whether the same attempt may succeed later. */
  readonly isTransient: boolean;

  constructor(
    readonly kind: FailureKind,
    message: string,
    options: { hint?: string; code?: string; isTransient?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.code = options.code;
    this.isTransient = options.isTransient ?? false;
  }

  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }
}

/** Ends with the exit code of a program that was run for the user, such as ssh. */
export class ProgramEnded extends Error {
  override readonly name = 'ProgramEnded';

  constructor(readonly exitCode: number) {
    super(`The program ended with ${exitCode}`);
  }
}
