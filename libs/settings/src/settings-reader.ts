/** The settings are missing or invalid; the message lists every problem. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(`Cannot start:\n${problems.map(problem => `- ${problem}`).join('\n')}`);
  }
}

/** Named texts: the environment of a process, or its command line options. */
export type SettingTexts = Readonly<Record<string, string | undefined>>;

/**
 * Reads all settings of a program.
 *
 * @param read builds the settings; problems are reported to the reader instead of being thrown
 * @returns the settings, frozen
 * @throws SettingsError listing every problem
 */
export function readSettingsFrom<Settings extends object>(
  texts: SettingTexts,
  read: (reader: SettingsReader) => Settings,
): Readonly<Settings> {
  const problems: string[] = [];
  const settings = read(new SettingsReader(texts, problems));
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze(settings);
}

/**
 * Converts texts to values. A setting that cannot be used is recorded as a problem, and a
 * placeholder is returned so that the remaining settings are still checked. An empty text counts as
 * not set.
 */
export class SettingsReader {
  constructor(
    private readonly texts: SettingTexts,
    private readonly problems: string[],
  ) {}

  problem(text: string): void {
    this.problems.push(text);
  }

  optional(name: string): string | undefined {
    return this.texts[name] || undefined;
  }

  text(name: string, fallback?: string): string {
    const value = this.optional(name) ?? fallback;
    if (value === undefined) this.problem(`${name} is not set`);
    return value ?? '';
  }

  /** @returns 0 to 65535; 0 lets the system choose a free port */
  port(name: string, fallback: number): number {
    const text = this.text(name, String(fallback));
    const port = Number(text);
    if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
    this.problem(`${name} is not a port number`);
    return fallback;
  }

  /** @returns 1 to 99999 */
  count(name: string, fallback: number): number {
    return this.positive(name, fallback, 'a number from 1 to 99999');
  }

  /** @returns 1 to 99999 */
  seconds(name: string, fallback: number): number {
    return this.positive(name, fallback, 'a number of seconds from 1 to 99999');
  }

  /** @returns a mandatory http or https URL without a trailing slash */
  url(name: string): string {
    const text = this.text(name);
    if (text === '') return '';
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
    this.problem(`${name} is not an http or https URL`);
    return '';
  }

  /** The choices match case-insensitively. */
  oneOf<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const text = this.text(name, fallback);
    const choice = choices.find(one => one.toLowerCase() === text.toLowerCase());
    if (choice === undefined) this.problem(`${name} is not one of ${choices.join(', ')}`);
    return choice ?? fallback;
  }

  /** The entries of a comma-separated list; none if it is not set. */
  list(name: string): string[] {
    const entries = (this.optional(name) ?? '').split(',').map(entry => entry.trim());
    return entries.filter(entry => entry !== '');
  }

  /** The origins of a list, in the form that browsers use: lower case, without a default port. */
  origins(name: string): readonly string[] {
    return this.list(name).map(item => {
      const origin = URL.canParse(item) ? new URL(item).origin : 'null';
      if (origin === 'null') this.problem(`${name}: "${item}" is not an origin`);
      return origin;
    });
  }

  private positive(name: string, fallback: number, what: string): number {
    const text = this.text(name, String(fallback));
    if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
    this.problem(`${name} is not ${what}`);
    return fallback;
  }
}
