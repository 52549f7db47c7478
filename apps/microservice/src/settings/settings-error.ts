/** The environment does not say enough to start; the message lists every problem. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(`Cannot start:\n${problems.map(problem => `- ${problem}`).join('\n')}`);
  }
}
